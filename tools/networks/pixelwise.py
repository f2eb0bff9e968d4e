"""Networks whose layers all work at one resolution, and small image-to-image networks."""

import numpy as np

from .graph import Value


def plain(net, *, channels=3, base=32, depth=8, classes=2):
    """`depth` 3x3 convolutions with ReLU and a last 3x3 convolution.

    A chain without pooling, as in Pang et al. 2010, "Cell nucleus segmentation in color histopathological
    imagery using convolutional networks" (CCPR).
    """
    image = x = net.input("image", channels)
    for i in range(1, depth + 1):
        x = net.relu(net.conv(x, base, 3, f"conv{i}"), f"relu{i}")
    net.output(net.conv(x, classes, 3, "final"), "logits", like=image)


def uniform(net, *, depth=10):
    """`depth` means over 3x3 samples and nothing else.

    Its effective receptive field is known: the `depth`-fold convolution of a box of 3, of variance 2/3 `depth` along
    each axis (Luo et al. 2016, arXiv:1701.04128).
    """
    image = x = net.input("image", 1)
    box = net.weight("box", np.full([1, 1] + [3] * net.rank, 3.0**-net.rank, np.float32))
    for i in range(1, depth + 1):
        x = net.apply("Conv", x, f"mean{i}", [box], kernel_shape=[3] * net.rank, pads=[1] * (2 * net.rank))
    net.output(x, "blurred", like=image)


def deblur(net, *, channels=3, base=32, depth=6):
    """Residual blocks without normalisation, mirrored borders, and the image added at the end.

    Nah et al. 2017 (arXiv:1612.02177) for the blocks; the width and depth are our own.
    """
    image = net.input("image", channels)
    x = net.relu(net.conv(net.mirror(image, 2, "head.pad"), base, 5, "head.conv", pads=0), "head.relu")
    for i in range(1, depth + 1):
        y = net.relu(net.conv(x, base, 3, f"block{i}.conv1"), f"block{i}.relu")
        x = net.add(x, net.conv(y, base, 3, f"block{i}.conv2"), f"block{i}.add")
    x = net.conv(net.mirror(x, 2, "tail.pad"), channels, 5, "tail.conv", pads=0)
    net.output(net.add(image, x, "restore"), "restored", like=image)


def decompose(net, *, channels=1, base=16, depth=4):
    """A galaxy image parted into bulge and disk: a shared dilated trunk, two heads, shares by softmax.

    The outputs sum to the image up to rounding. Trunk after Yu and Koltun 2016 (arXiv:1511.07122).
    """
    image = x = net.input("image", channels)
    for i in range(depth):
        x = net.relu(net.conv(x, base, 3, f"trunk{i + 1}.conv", dilation=2**i), f"trunk{i + 1}.relu")
    heads = []
    for name in ("bulge", "disk"):
        y = net.relu(net.conv(x, base, 3, f"{name}.conv1"), f"{name}.relu")
        heads.append(net.conv(y, channels, 1, f"{name}.conv2"))
    shares = net.apply("Softmax", net.concat(heads, "shares.concat"), "shares.softmax", axis=1)
    split = net.integers("shares.sizes", [channels, channels])
    for name, share in zip(("bulge", "disk"), net.node("Split", [shares, split], "shares.split", outputs=2, axis=1)):
        net.output(net.apply("Mul", image, f"{name}.mul", [share]), name, like=image)


def density(net, *, channels=1, base=8):
    """Counts objects as the sum of a density map at a quarter of the resolution.

    Three columns with kernels 9, 7 and 5: Zhang et al. 2016 (doi:10.1109/CVPR.2016.70).
    """
    image = net.input("image", channels)
    columns = []
    for kernel, width in ((9, 2 * base), (7, 2 * base + base // 2), (5, 3 * base)):
        x = image
        for i, (c, k) in enumerate(((width, kernel), (2 * width, kernel - 2), (width, kernel - 2)), 1):
            x = net.relu(net.conv(x, c, k, f"column{kernel}.conv{i}"), f"column{kernel}.relu{i}")
            if i < 3:
                x = net.max_pool(x, f"column{kernel}.pool{i}")
        columns.append(x)
    x = net.conv(net.concat(columns, "merge.concat"), 1, 1, "merge.conv")
    net.output(net.relu(x, "merge.relu"), "density")


def coordconv(net, *, channels=3, base=16, depth=5, classes=2):
    """The coordinates of each pixel come as a second input, joined to the image.

    Liu et al. 2018 (arXiv:1807.03247).
    """
    image = net.input("image", channels)
    coords = net.input("coords", 2, power=0.33)
    x = net.concat([image, coords], "join")
    for i in range(1, depth + 1):
        x = net.conv_norm(x, base, 3, f"layer{i}")
    net.output(net.conv(x, classes, 1, "final"), "logits", like=image)


def coordconv_constant(net, *, channels=3, base=16, depth=5, classes=2):
    """coordconv for one size of image: the coordinates, -1...1 along each axis, are stored with the weights."""
    if net.size is None or not isinstance(net.batch, int):
        raise ValueError("the coordinates are stored: give a size and a batch")
    image = net.input("image", channels)
    lines = [np.linspace(-1, 1, n, dtype=np.float32) for n in net.size]
    grid = np.broadcast_to(np.stack(np.meshgrid(*lines, indexing="ij")), (net.batch, net.rank, *net.size))
    x = net.concat([image, Value(net.weight("coords", grid), net.rank, 0.33)], "join")
    for i in range(1, depth + 1):
        x = net.conv_norm(x, base, 3, f"layer{i}")
    net.output(net.conv(x, classes, 1, "final"), "logits", like=image)


def position_embedding(net, *, channels=3, base=16, depth=5, classes=2):
    """For one size of image: a learned value per channel and position is added to the first features.

    The embedding of Dosovitskiy et al. 2021 (arXiv:2010.11929), here on pixels instead of patches.
    """
    if net.size is None:
        raise ValueError("an embedding per position is stored: give a size")
    image = net.input("image", channels)
    x = net.conv(image, base, 3, "embed")
    embedding = Value(net.weight("positions", net.normal([1, base, *net.size], 0.5)), base, 0.25)
    x = net.add(x, embedding, "embed.add")
    for i in range(1, depth + 1):
        x = net.relu(net.conv(x, base, 3, f"conv{i}"), f"relu{i}")
    net.output(net.conv(x, classes, 1, "final"), "logits", like=image)


def masked(net, *, channels=1, base=16, depth=5):
    """Fills what a mask (1 valid, 0 missing) hides: [N, 1, H, W] as a second input.

    The first layer is a partial convolution, normalised by the valid taps: Liu et al. 2018 (arXiv:1804.07723).
    """
    image = net.input("image", channels)
    mask = net.input("mask", 1, power=0.5)
    x = net.conv(net.apply("Mul", image, "hide", [mask]), base, 3, "partial.conv", bias=False)
    box = net.weight("partial.box.weight", np.full([1, 1, 3, 3], 1 / 9, np.float32))
    share = net.apply("Conv", mask, "partial.box", [box], kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    floor = net.weight("partial.floor.value", np.array(1 / 9, np.float32))
    share = net.apply("Max", share, "partial.floor", [floor])
    x = net.relu(net.apply("Div", x, "partial.div", [share]), "partial.relu")
    for i in range(2, depth + 1):
        x = net.relu(net.conv(x, base, 3, f"conv{i}"), f"relu{i}")
    fill = net.conv(x, channels, 3, "final")
    one = net.weight("missing.one", np.array(1, np.float32))
    missing = net.node("Sub", [one, mask], "missing")[0]
    kept = net.apply("Mul", image, "kept", [mask])
    net.output(net.add(kept, net.apply("Mul", fill, "filled", [missing]), "restore"), "restored", like=image)
