"""Networks on trunks of inverted residual blocks: MobileNetV3 and EfficientNet."""


def _scaled(channels, width):
    return max(2, round(channels * width))


# kernel, expanded channels, channels, squeeze, activation, stride: Howard et al. 2019, table 1.
MOBILENET_V3_LARGE = (
    (3, 16, 16, False, "relu", 1), (3, 64, 24, False, "relu", 2), (3, 72, 24, False, "relu", 1),
    (5, 72, 40, True, "relu", 2), (5, 120, 40, True, "relu", 1), (5, 120, 40, True, "relu", 1),
    (3, 240, 80, False, "hardswish", 2), (3, 200, 80, False, "hardswish", 1), (3, 184, 80, False, "hardswish", 1),
    (3, 184, 80, False, "hardswish", 1), (3, 480, 112, True, "hardswish", 1), (3, 672, 112, True, "hardswish", 1),
    (5, 672, 160, True, "hardswish", 2), (5, 960, 160, True, "hardswish", 1), (5, 960, 160, True, "hardswish", 1),
)


def _mobilenet(net, image, width):
    """MobileNetV3-Large (arXiv:1905.02244) of output stride 16: the last three blocks are dilated by 2.

    Returns the features at strides 8 (40 channels) and 16 (960 channels).
    """
    x = net.conv_norm(image, _scaled(16, width), 3, "stem", "hardswish", stride=2)
    low = None
    for i, (kernel, expanded, channels, squeeze, activation, stride) in enumerate(MOBILENET_V3_LARGE, 1):
        dilated = i > 12
        stride, dilation = (1, 2) if dilated else (stride, 1)
        entry, wide = x, _scaled(expanded, width)
        if wide != x.channels:
            x = net.conv_norm(x, wide, 1, f"block{i}.expand", activation)
        x = net.conv_norm(x, wide, kernel, f"block{i}.depthwise", activation, stride=stride, dilation=dilation,
                          groups=wide)
        if squeeze:
            x = net.squeeze(x, max(2, wide // 4), f"block{i}.squeeze", "relu", "hard")
        x = net.conv_norm(x, _scaled(channels, width), 1, f"block{i}.project", None)
        if stride == 1 and entry.channels == x.channels:
            x = net.add(entry, x, f"block{i}.add")
        low = x if i == 6 else low
    return low, net.conv_norm(x, _scaled(960, width), 1, "last", "hardswish")


def deeplabv3_mnv3(net, *, channels=3, classes=21, width=1.0):
    """DeepLabv3 (Chen et al. 2017, arXiv:1706.05587): dilations 12, 24, 36 and a global mean."""
    image = net.input("image", channels)
    _, x = _mobilenet(net, image, width)
    wide = _scaled(256, width)
    branches = [net.conv_norm(x, wide, 1, "aspp1")]
    for i, rate in enumerate((12, 24, 36), 2):
        branches.append(net.conv_norm(x, wide, 3, f"aspp{i}", dilation=rate))
    mean = net.conv_norm(net.global_average(x, "aspp5.mean"), wide, 1, "aspp5")
    branches.append(net.resize_to(mean, x, "aspp5.resize"))
    x = net.conv_norm(net.concat(branches, "aspp.concat"), wide, 1, "aspp.project")
    x = net.conv(net.conv_norm(x, wide, 3, "head"), classes, 1, "head.final")
    net.output(net.resize_to(x, image, "resize"), "logits", like=image)


def lraspp_mnv3(net, *, channels=3, classes=21, width=1.0):
    """Lite R-ASPP (Howard et al. 2019, section 6.4): a gated branch at stride 16, a skip at stride 8."""
    image = net.input("image", channels)
    low, high = _mobilenet(net, image, width)
    wide = _scaled(128, width)
    x = net.conv_norm(high, wide, 1, "head")
    gate = net.conv(net.global_average(high, "gate.mean"), wide, 1, "gate.conv", bias=False)
    gate = net.apply("Sigmoid", gate, "gate.sigmoid")
    x = net.apply("Mul", x, "gate.scale", [gate], power=0.28 * x.power)
    x = net.resize_to(x, low, "head.resize")
    x = net.add(net.conv(low, classes, 1, "low.final"), net.conv(x, classes, 1, "high.final"), "head.add")
    net.output(net.resize_to(x, image, "resize"), "logits", like=image)


# kernel, expansion, channels, blocks, stride: Tan and Le 2019 (arXiv:1905.11946), table 1.
EFFICIENTNET_B0 = ((3, 1, 16, 1, 1), (3, 6, 24, 2, 2), (5, 6, 40, 2, 2), (3, 6, 80, 3, 2), (5, 6, 112, 3, 1),
                   (5, 6, 192, 4, 2), (3, 6, 320, 1, 1))


def _halve(net, x, channels, kernel, name, groups=1):
    """A stride of 2 with a separate Pad node, one row and column more at the end than at the start."""
    before, after = (kernel - 2) // 2, (kernel - 1) // 2
    pads = net.integers(f"{name}.pad.pads", [0, 0, before, before, 0, 0, after, after])
    x = net.apply("Pad", x, f"{name}.pad", [pads])
    return net.conv_norm(x, channels, kernel, name, "swish", stride=2, groups=groups, pads=0)


def _efficientnet(net, image, width):
    """Features at strides 4, 8, 16 and 32 (24, 40, 112 and 320 channels)."""
    x = _halve(net, image, _scaled(32, width), 3, "stem")
    features = {}
    for stage, (kernel, expansion, channels, count, stride) in enumerate(EFFICIENTNET_B0, 1):
        for i in range(1, count + 1):
            name, entry, wide = f"stage{stage}.{i}", x, expansion * x.channels
            if expansion > 1:
                x = net.conv_norm(x, wide, 1, f"{name}.expand", "swish")
            if i == 1 and stride == 2:
                x = _halve(net, x, wide, kernel, f"{name}.depthwise", groups=wide)
            else:
                x = net.conv_norm(x, wide, kernel, f"{name}.depthwise", "swish", groups=wide)
            x = net.squeeze(x, max(1, entry.channels // 4), f"{name}.squeeze", "swish", "soft")
            x = net.conv_norm(x, _scaled(channels, width), 1, f"{name}.project", None)
            if i > 1:
                x = net.add(entry, x, f"{name}.add")
        features[stage] = x
    return [features[i] for i in (2, 3, 5, 7)]


def fpn_efficientnet_b0(net, *, channels=3, classes=2, width=1.0):
    """A feature pyramid (Lin et al. 2017, arXiv:1612.03144) on EfficientNet-B0.

    Head of Kirillov et al. 2019 (arXiv:1901.02446, section 3): every level is brought to stride 4 by convolution,
    group normalisation and bilinear doubling with aligned corners; the levels are added. Sides must be multiples
    of 32.
    """
    image = net.input("image", channels)
    features = _efficientnet(net, image, width)
    groups = _scaled(32, width)
    wide, narrow = 8 * groups, 4 * groups
    level, levels = None, []
    for i in (5, 4, 3, 2):
        lateral = net.conv(features[i - 2], wide, 1, f"lateral{i}")
        if level is not None:
            lateral = net.add(net.upsample(level, f"top{i}.up", "nearest"), lateral, f"top{i}.add")
        level = lateral
        levels.append((i, level))
    total = None
    for i, x in levels:
        for j in range(1, max(1, i - 2) + 1):
            x = net.conv(x, narrow, 3, f"level{i}.{j}.conv", bias=False)
            x = net.relu(net.group_norm(x, groups, f"level{i}.{j}.norm"), f"level{i}.{j}.relu")
            if i > 2:
                x = net.upsample(x, f"level{i}.{j}.up", "linear", coordinates="align_corners")
        total = x if total is None else net.add(total, x, f"merge{i}")
    x = net.conv(total, classes, 1, "final")
    net.output(net.upsample(x, "final.up", "linear", factor=4, coordinates="align_corners"), "logits", like=image)
