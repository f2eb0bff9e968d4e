"""Networks on residual trunks (He et al. 2016, arXiv:1512.03385)."""

COUNTS = (3, 4, 6, 3)


def _scaled(channels, width):
    return max(2, round(channels * width))


def _stem(net, image, channels):
    x = net.conv_norm(image, channels, 7, "stem", stride=2)
    return x, net.max_pool(x, "stem.pool", kernel=3, pad=1)


def _join(net, x, y, stride, name):
    """relu(shortcut(x) + y); an identity shortcut is not negative, so that the ReLU cuts off less than half."""
    if stride == 1 and x.channels == y.channels:
        return net.apply("Relu", net.add(y, x, f"{name}.add"), f"{name}.relu", power=0.85 * (x.power + y.power))
    shortcut = net.conv_norm(x, y.channels, 1, f"{name}.shortcut", activation=None, stride=stride)
    return net.relu(net.add(y, shortcut, f"{name}.add"), f"{name}.relu")


def _basic(net, x, channels, stride, name):
    """Two 3x3 convolutions."""
    y = net.conv_norm(x, channels, 3, f"{name}.1", stride=stride)
    y = net.conv_norm(y, channels, 3, f"{name}.2", activation=None)
    return _join(net, x, y, stride, name)


def _bottleneck(net, x, channels, stride, dilation, name):
    """1x1, 3x3 and 1x1 convolutions, four times as wide at the end; the 3x3 carries the stride."""
    y = net.conv_norm(x, channels, 1, f"{name}.1")
    y = net.conv_norm(y, channels, 3, f"{name}.2", stride=stride, dilation=dilation)
    y = net.conv_norm(y, 4 * channels, 1, f"{name}.3", activation=None)
    return _join(net, x, y, stride, name)


def _resnet50(net, image, width, strides, dilations):
    """The four stages; the first block of a stage keeps the dilation of the stage before."""
    _, x = _stem(net, image, _scaled(64, width))
    dilation = 1
    for stage, (count, stride, then) in enumerate(zip(COUNTS, strides, dilations), 1):
        wide = _scaled(64 << (stage - 1), width)
        for i in range(1, count + 1):
            x = _bottleneck(net, x, wide, stride if i == 1 else 1, dilation if i == 1 else then,
                            f"layer{stage}.{i}")
        dilation = then
    return x


def resnet50_features(net, *, channels=3, width=1.0):
    """The features of ResNet-50 before its global mean, one sample per 32."""
    image = net.input("image", channels)
    net.output(_resnet50(net, image, width, (1, 2, 2, 2), (1, 1, 1, 1)), "features")


def fcn_resnet50(net, *, channels=3, classes=21, width=1.0):
    """A ResNet-50 of output stride 8 with a two-layer head, resized to the image's size at run time.

    The strides of the last two stages become dilations 2 and 4 (Chen et al. 2017, arXiv:1706.05587).
    """
    image = net.input("image", channels)
    x = _resnet50(net, image, width, (1, 2, 1, 1), (1, 1, 2, 4))
    x = net.conv_norm(x, x.channels // 4, 3, "head")
    x = net.conv(x, classes, 1, "head.final")
    net.output(net.resize_to(x, image, "resize", coordinates="pytorch_half_pixel"), "logits", like=image)


def unet_resnet34(net, *, channels=3, classes=2, width=1.0):
    """A ResNet-34 as the encoder of a U-Net; the decoder doubles by nearest neighbour, five times.

    Sides must be multiples of 32.
    """
    image = net.input("image", channels)
    stem, x = _stem(net, image, _scaled(64, width))
    features = [stem]
    for stage, (count, stride) in enumerate(zip(COUNTS, (1, 2, 2, 2)), 1):
        for i in range(1, count + 1):
            x = _basic(net, x, _scaled(64 << (stage - 1), width), stride if i == 1 else 1, f"layer{stage}.{i}")
        features.append(x)
    skips = [*reversed(features[:-1]), None]
    for i, (wide, skip) in enumerate(zip((256, 128, 64, 32, 16), skips), 1):
        x = net.upsample(x, f"dec{i}.up", "nearest")
        if skip is not None:
            x = net.concat([x, skip], f"dec{i}.concat")
        for j in (1, 2):
            x = net.conv_norm(x, _scaled(wide, width), 3, f"dec{i}.{j}")
    net.output(net.conv(x, classes, 3, "final"), "logits", like=image)
