"""U-Nets (Ronneberger et al. 2015, arXiv:1505.04597) in the variants found in published models."""

from functools import partial

UNET_VALID_SIZE = (572, 572)


def unet_deconv(net, *, channels=3, base=32, depth=4, classes=2, kernel=3, pool=2):
    """A U-Net with max pooling and transposed convolution of kernel and stride `pool`, zero borders."""
    image = net.input("image", channels)
    x = encode_decode(net, image, base, depth, deconv, partial(double, kernel=kernel), pool)
    net.output(net.conv(x, classes, 1, "final"), "logits", like=image)


def unet_softmax(net, *, channels=1, base=64, depth=4, classes=2):
    """unet_deconv at the original width, with class probabilities as output."""
    image = net.input("image", channels)
    x = net.conv(encode_decode(net, image, base, depth, deconv), classes, 1, "final")
    net.output(net.apply("Softmax", x, "softmax", axis=1), "probabilities", like=image)


def unet_nearest(net, *, channels=1, base=16, depth=4, classes=1, kernel=3, pool=2):
    """A narrow U-Net for restoration, with nearest-neighbour upsampling straight into the concatenation.

    The layers of CSBDeep (Weigert et al. 2018, doi:10.1038/s41592-018-0216-7), whose margins of tiling are tabled by
    `depth`, `kernel` and `pool`.
    """
    image = net.input("image", channels)
    x = encode_decode(net, image, base, depth, _nearest, partial(double, kernel=kernel), pool)
    net.output(net.conv(x, classes, 1, "final"), "restored", like=image)


def unet_bilinear(net, *, channels=3, base=32, depth=4, classes=2):
    """A U-Net with bilinear upsampling by 2 (half_pixel) and batch normalisation."""
    image = net.input("image", channels)
    x = encode_decode(net, image, base, depth, linear, partial(double, norm="batch"))
    net.output(net.conv(x, classes, 1, "final"), "logits", like=image)


def unet_anysize(net, *, channels=3, base=32, depth=4, classes=2):
    """A U-Net that upsamples to the size of the skipped features, for images of any size."""
    image = net.input("image", channels)
    x = encode_decode(net, image, base, depth, _to_skip, partial(double, norm="batch"))
    net.output(net.conv(x, classes, 1, "final"), "logits", like=image)


def unet_stride2(net, *, channels=3, base=32, depth=4, classes=2):
    """A U-Net with convolutions of stride 2 instead of pooling, and 4x4 transposed convolutions."""
    image = net.input("image", channels)
    x = encode_decode(net, image, base, depth, _deconv4, partial(double, norm="batch"), pooling=False)
    net.output(net.conv(x, classes, 1, "final"), "logits", like=image)


def unet_valid(net, *, channels=1, base=64, depth=4, classes=2):
    """The original U-Net: no borders, skipped features cropped at the centre, 572x572 to 388x388.

    With a fixed size the crops are fixed windows, as a traced export has them; with symbolic dimensions
    they are margins counted from both ends.
    """
    levels = valid_sizes(net.size or UNET_VALID_SIZE, depth)
    _valid(net, channels, base, depth, classes, lambda i, skip, _, name: _centre(net, skip, *levels[i], name))


def unet_valid_dynamic(net, *, channels=1, base=64, depth=4, classes=2):
    """The original U-Net for images of any size: the crops follow from the sizes met at run time.

    Odd sides lose their last sample at a pooling, and an odd margin is smaller by one at the beginning.
    """
    _valid(net, channels, base, depth, classes, lambda _, skip, like, name: net.centre_to(skip, like, name))


def _valid(net, channels, base, depth, classes, crop):
    """`crop(level, skip, like, name)` cuts the skipped features to the size of `like`."""
    x = net.input("image", channels)
    block, skips = partial(double, pads=0), []
    for i in range(depth):
        x = block(net, x, base << i, f"enc{i + 1}")
        skips.append(x)
        x = net.max_pool(x, f"enc{i + 1}.pool")
    x = block(net, x, base << depth, "middle")
    for i in reversed(range(depth)):
        x = deconv(net, x, base << i, None, f"dec{i + 1}.up")
        skip = crop(i, skips[i], x, f"dec{i + 1}.crop")
        x = block(net, net.concat([skip, x], f"dec{i + 1}.concat"), base << i, f"dec{i + 1}")
    net.output(net.conv(x, classes, 1, "final"), "logits")


def valid_sizes(size, depth):
    """Per level, the size of the skipped features and the size that the decoder needs there."""
    skips = []
    for _ in range(depth):
        size = tuple(n - 4 for n in size)
        if any(n % 2 or n <= 0 for n in size):
            raise ValueError(f"a valid U-Net of depth {depth} meets an odd size {size} at a pooling")
        skips.append(size)
        size = tuple(n // 2 for n in size)
    levels = []
    for skip in reversed(skips):
        size = tuple(2 * (n - 4) for n in size)
        if min(size) <= 4:
            raise ValueError(f"the image is too small for a valid U-Net of depth {depth}")
        levels.insert(0, (skip, size))
    return levels


def _centre(net, x, have, need, name):
    margins = [(h - n) // 2 for h, n in zip(have, need)]
    ends = [m + n for m, n in zip(margins, need)] if net.size else [-m for m in margins]
    return net.apply("Slice", x, name, [net.integers(f"{name}.starts", margins), net.integers(f"{name}.ends", ends),
                                        net.integers(f"{name}.axes", [2, 3])])


def encode_decode(net, x, base, depth, up, block=None, pool=2, pooling=True):
    """The features of a U-Net of `depth` poolings by `pool`, in the size of `x`.

    `block(net, x, channels, name, stride=1)` makes the convolutions of a level, `up(net, x, channels, skip, name,
    factor)` what enlarges; without `pooling` the first convolution of a level strides.
    """
    block, skips = block or double, []
    for i in range(depth + 1):
        name = f"enc{i + 1}" if i < depth else "middle"
        if i and pooling:
            x = net.max_pool(x, f"enc{i}.pool", pool, pool)
        x = block(net, x, base << i, name, stride=1 if pooling or i == 0 else pool)
        skips.append(x)
    for i in reversed(range(depth)):
        x = up(net, x, base << i, skips[i], f"dec{i + 1}.up", pool)
        x = net.concat([skips[i], x], f"dec{i + 1}.concat")
        x = block(net, x, base << i, f"dec{i + 1}")
    return x


def double(net, x, channels, name, norm=None, stride=1, pads=None, kernel=3, reflect=False):
    """Two convolutions, each with ReLU; `norm` is None, "batch" or "instance"; `reflect` mirrors the borders."""
    for i in (1, 2):
        if reflect:
            x, pads = net.mirror(x, kernel // 2, f"{name}.pad{i}"), 0
        x = net.conv(x, channels, kernel, f"{name}.conv{i}", bias=not norm, stride=stride if i == 1 else 1, pads=pads)
        if norm == "batch":
            x = net.batch_norm(x, f"{name}.bn{i}")
        elif norm == "instance":
            x = net.instance_norm(x, f"{name}.in{i}")
        x = net.relu(x, f"{name}.relu{i}")
    return x


def deconv(net, x, channels, skip, name, factor=2):
    return net.conv_transpose(x, channels, factor, name, stride=factor)


def _deconv4(net, x, channels, skip, name, factor):
    x = net.conv_transpose(x, channels, 4, f"{name}.deconv", pad=1, bias=False)
    return net.relu(net.batch_norm(x, f"{name}.bn"), f"{name}.relu")


def _nearest(net, x, channels, skip, name, factor):
    return net.upsample(x, name, "nearest", factor)


def linear(net, x, channels, skip, name, factor, coordinates=None):
    return net.upsample(x, name, "linear", factor, coordinates)


def _to_skip(net, x, channels, skip, name, factor):
    return net.resize_to(x, skip, name)


def unet3d(net, *, channels=1, base=16, depth=3, classes=2):
    """A U-Net for volumes (Çiçek et al. 2016, arXiv:1606.06650); channels double before each pooling."""
    image = x = net.input("image", channels)
    skips = []
    for i in range(depth + 1):
        name = f"enc{i + 1}" if i < depth else "middle"
        if i:
            x = net.max_pool(x, f"enc{i}.pool")
        x = net.conv_norm(x, base << i, 3, f"{name}.1")
        x = net.conv_norm(x, base << (i + 1), 3, f"{name}.2")
        skips.append(x)
    for i in reversed(range(depth)):
        x = net.conv_transpose(x, x.channels, 2, f"dec{i + 1}.up")
        x = net.concat([skips[i], x], f"dec{i + 1}.concat")
        x = net.conv_norm(x, base << (i + 1), 3, f"dec{i + 1}.1")
        x = net.conv_norm(x, base << (i + 1), 3, f"dec{i + 1}.2")
    net.output(net.conv(x, classes, 1, "final"), "logits", like=image)
