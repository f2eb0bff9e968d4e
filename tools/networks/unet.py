"""U-Nets (Ronneberger et al. 2015, arXiv:1505.04597) in the variants found in published models."""

UNET_VALID_SIZE = (572, 572)


def unet_deconv(net, *, channels=3, base=32, depth=4, classes=2):
    """A U-Net with 2x2 max pooling, 2x2 transposed convolution, zero borders."""
    image = net.input("image", channels)
    x = _unet(net, image, base, depth, _deconv)
    net.output(net.conv(x, classes, 1, "final"), "logits", like=image)


def unet_softmax(net, *, channels=1, base=64, depth=4, classes=2):
    """unet_deconv at the original width, with class probabilities as output."""
    image = net.input("image", channels)
    x = net.conv(_unet(net, image, base, depth, _deconv), classes, 1, "final")
    net.output(net.apply("Softmax", x, "softmax", axis=1), "probabilities", like=image)


def unet_nearest(net, *, channels=1, base=16, depth=4, classes=1):
    """A narrow U-Net for restoration, with nearest-neighbour upsampling straight into the concatenation."""
    image = net.input("image", channels)
    x = _unet(net, image, base, depth, _nearest)
    net.output(net.conv(x, classes, 1, "final"), "restored", like=image)


def unet_bilinear(net, *, channels=3, base=32, depth=4, classes=2):
    """A U-Net with bilinear upsampling by 2 (half_pixel) and batch normalisation."""
    image = net.input("image", channels)
    x = _unet(net, image, base, depth, _linear, norm=True)
    net.output(net.conv(x, classes, 1, "final"), "logits", like=image)


def unet_anysize(net, *, channels=3, base=32, depth=4, classes=2):
    """A U-Net that upsamples to the size of the skipped features, for images of any size."""
    image = net.input("image", channels)
    x = _unet(net, image, base, depth, _to_skip, norm=True)
    net.output(net.conv(x, classes, 1, "final"), "logits", like=image)


def unet_stride2(net, *, channels=3, base=32, depth=4, classes=2):
    """A U-Net with convolutions of stride 2 instead of pooling, and 4x4 transposed convolutions."""
    image = net.input("image", channels)
    x = _unet(net, image, base, depth, _deconv4, norm=True, pooling=False)
    net.output(net.conv(x, classes, 1, "final"), "logits", like=image)


def unet_valid(net, *, channels=1, base=64, depth=4, classes=2):
    """The original U-Net: no borders, skipped features cropped at the centre, 572x572 to 388x388.

    With a fixed size the crops are fixed windows, as a traced export has them; with symbolic dimensions
    they are margins counted from both ends.
    """
    image = net.input("image", channels)
    levels = valid_sizes(net.size or UNET_VALID_SIZE, depth)
    skips, x = [], image
    for i in range(depth):
        x = _double(net, x, base << i, f"enc{i + 1}", pads=0)
        skips.append(x)
        x = net.max_pool(x, f"enc{i + 1}.pool")
    x = _double(net, x, base << depth, "middle", pads=0)
    for i in reversed(range(depth)):
        x = _deconv(net, x, base << i, None, f"dec{i + 1}.up")
        skip = _centre(net, skips[i], *levels[i], f"dec{i + 1}.crop")
        x = _double(net, net.concat([skip, x], f"dec{i + 1}.concat"), base << i, f"dec{i + 1}", pads=0)
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


def _unet(net, x, base, depth, up, norm=False, pooling=True):
    skips = []
    for i in range(depth + 1):
        name = f"enc{i + 1}" if i < depth else "middle"
        if i and pooling:
            x = net.max_pool(x, f"enc{i}.pool")
        x = _double(net, x, base << i, name, norm=norm, stride=1 if pooling or i == 0 else 2)
        skips.append(x)
    for i in reversed(range(depth)):
        x = up(net, x, base << i, skips[i], f"dec{i + 1}.up")
        x = net.concat([skips[i], x], f"dec{i + 1}.concat")
        x = _double(net, x, base << i, f"dec{i + 1}", norm=norm)
    return x


def _double(net, x, channels, name, norm=False, stride=1, pads=None):
    for i in (1, 2):
        padding = {} if pads is None else {"pads": pads}
        x = net.conv(x, channels, 3, f"{name}.conv{i}", bias=not norm, stride=stride if i == 1 else 1, **padding)
        if norm:
            x = net.batch_norm(x, f"{name}.bn{i}")
        x = net.relu(x, f"{name}.relu{i}")
    return x


def _deconv(net, x, channels, skip, name):
    return net.conv_transpose(x, channels, 2, name)


def _deconv4(net, x, channels, skip, name):
    x = net.conv_transpose(x, channels, 4, f"{name}.deconv", pad=1, bias=False)
    return net.relu(net.batch_norm(x, f"{name}.bn"), f"{name}.relu")


def _nearest(net, x, channels, skip, name):
    return net.upsample(x, name, "nearest")


def _linear(net, x, channels, skip, name):
    return net.upsample(x, name, "linear")


def _to_skip(net, x, channels, skip, name):
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
