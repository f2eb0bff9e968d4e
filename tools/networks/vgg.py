"""Networks on the 16-layer VGG trunk (Simonyan and Zisserman 2015, arXiv:1409.1556)."""

import numpy as np

from .graph import Value

STAGES = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))


def _scaled(channels, width):
    return max(2, round(channels * width))


def bilinear_kernel(channels, size):
    """[C, C, size, size]: each channel interpolated linearly by itself, as in Long et al. 2015, section 3.3."""
    centre = (size - 1) / 2
    line = 1 - np.abs(np.arange(size) - centre) / ((size + 1) // 2)
    weights = np.zeros([channels, channels, size, size], np.float32)
    weights[np.arange(channels), np.arange(channels)] = np.outer(line, line)
    return weights


def vgg16_pool5(net, *, channels=3, width=1.0):
    """The features of VGG-16 up to its fifth pooling, one sample per 32."""
    x = net.input("image", channels)
    for stage, (wide, count) in enumerate(STAGES, 1):
        for i in range(1, count + 1):
            x = net.relu(net.conv(x, _scaled(wide, width), 3, f"conv{stage}_{i}"), f"relu{stage}_{i}")
        x = net.max_pool(x, f"pool{stage}")
    net.output(x, "pool5")


def fcn32s(net, *, channels=3, classes=21, width=1.0, fc=4096):
    """FCN-32s: scores of stride 32 are upsampled in one step (Long et al. 2015, arXiv:1411.4038)."""
    image, _, _, score = _scores(net, channels, classes, width, fc)
    _finish(net, image, score, 32, 19)


def fcn16s(net, *, channels=3, classes=21, width=1.0, fc=4096):
    """FCN-16s: the scores of pool4 are added at stride 16 (Long et al. 2015)."""
    image, _, pool4, score = _scores(net, channels, classes, width, fc)
    _finish(net, image, _join(net, score, pool4, classes, 5, 4), 16, 27)


def fcn8s(net, *, channels=3, classes=21, width=1.0, fc=4096):
    """FCN-8s: the scores of pool4 and pool3 are added at strides 16 and 8 (Long et al. 2015)."""
    image, pool3, pool4, score = _scores(net, channels, classes, width, fc)
    score = _join(net, score, pool4, classes, 5, 4)
    _finish(net, image, _join(net, score, pool3, classes, 9, 3), 8, 31)


def _scores(net, channels, classes, width, fc):
    """The trunk: padding 100 in the first layer, pooling that rounds up, and fc6 as a 7x7 convolution."""
    image = x = net.input("image", channels)
    pools = []
    for stage, (wide, count) in enumerate(STAGES, 1):
        for i in range(1, count + 1):
            pad = 100 if (stage, i) == (1, 1) else 1
            x = net.conv(x, _scaled(wide, width), 3, f"conv{stage}_{i}", pads=pad)
            x = net.relu(x, f"relu{stage}_{i}")
        x = net.max_pool(x, f"pool{stage}", ceil_mode=1)
        pools.append(x)
    x = net.relu(net.conv(x, fc, 7, "fc6", pads=0), "relu6")
    x = net.relu(net.conv(x, fc, 1, "fc7"), "relu7")
    return image, pools[2], pools[3], net.conv(x, classes, 1, "score_fr")


def _join(net, score, pool, classes, offset, stage):
    up = net.conv_transpose(score, classes, 4, f"upscore_pool{stage + 1}", bias=False,
                            weights=bilinear_kernel(classes, 4))
    skip = net.conv(pool, classes, 1, f"score_pool{stage}")
    skip = net.crop_to(skip, up, offset, f"score_pool{stage}.crop")
    return net.add(up, skip, f"fuse_pool{stage}")


def _finish(net, image, score, stride, offset):
    up = net.conv_transpose(score, score.channels, 2 * stride, f"upscore{stride}", stride=stride, bias=False,
                            weights=bilinear_kernel(score.channels, 2 * stride))
    net.output(net.crop_to(up, image, offset, "crop"), "logits", like=image)


def segnet(net, *, channels=3, classes=21, width=1.0):
    """SegNet (Badrinarayanan et al. 2017, arXiv:1511.00561): unpooling to where the maxima were.

    Sides must be multiples of 32.
    """
    _segnet(net, channels, classes, width, shaped=False)


def segnet_shaped(net, *, channels=3, classes=21, width=1.0):
    """SegNet whose unpooling is told its output shape, for images of any size from 32 on.

    The indices count within that shape, as exports of PyTorch have it; ONNX counts them within the shape that
    kernel and strides alone give, which differs where a pooled side was odd.
    """
    _segnet(net, channels, classes, width, shaped=True)


def _segnet(net, channels, classes, width, shaped):
    image = x = net.input("image", channels)
    places = []
    for stage, (wide, count) in enumerate(STAGES, 1):
        for i in range(1, count + 1):
            x = _conv_bn(net, x, _scaled(wide, width), f"enc{stage}", i)
        before, name = x, f"enc{stage}.pool"
        _, indices = net.node("MaxPool", [x], name, outputs=2, kernel_shape=[2, 2], strides=[2, 2])
        x = Value(name, x.channels, net.pooled_power(x, 2))
        places.append((indices, before))
    for stage, (wide, count) in reversed(list(enumerate(STAGES, 1))):
        indices, before = places.pop()
        others = [indices] + ([net.shape_part(before, 0, None, f"dec{stage}.shape")] if shaped else [])
        x = net.apply("MaxUnpool", x, f"dec{stage}.unpool", others, power=x.power / 4,
                      kernel_shape=[2, 2], strides=[2, 2])
        below = STAGES[stage - 2][0] if stage > 1 else None
        for i in range(1, count):
            x = _conv_bn(net, x, _scaled(wide, width), f"dec{stage}", i)
        if below:
            x = _conv_bn(net, x, _scaled(below, width), f"dec{stage}", count)
    net.output(net.conv(x, classes, 3, "final"), "logits", like=image)


def _conv_bn(net, x, channels, stage, i):
    x = net.conv(x, channels, 3, f"{stage}.conv{i}")
    return net.relu(net.batch_norm(x, f"{stage}.bn{i}"), f"{stage}.relu{i}")
