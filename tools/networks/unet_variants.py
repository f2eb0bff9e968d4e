"""U-Nets that differ from the usual ones in what enlarges, in their borders, or by statistics of the whole image."""

from functools import partial

from .unet import deconv, double, encode_decode, linear


def unet_deconv3(net, *, channels=3, base=32, depth=4, classes=2):
    """A U-Net with 3x3 transposed convolutions of stride 2, which reach further to one side."""
    _unet(net, channels, base, depth, classes, _deconv3)


def unet_align_corners(net, *, channels=3, base=32, depth=4, classes=2):
    """A U-Net whose bilinear upsampling keeps the corners in place: its ratio depends on the size of the image."""
    _unet(net, channels, base, depth, classes, partial(linear, coordinates="align_corners"))


def unet_reflect(net, *, channels=3, base=32, depth=4, classes=2):
    """A U-Net that mirrors its borders before every convolution."""
    _unet(net, channels, base, depth, classes, deconv, partial(double, reflect=True))


def unet_instance_norm(net, *, channels=3, base=32, depth=4, classes=2):
    """A U-Net with instance normalisation after every convolution, as in nnU-Net (Isensee et al. 2021)."""
    _unet(net, channels, base, depth, classes, deconv, partial(double, norm="instance"))


def unet_squeeze(net, *, channels=3, base=32, depth=4, classes=2):
    """A U-Net with squeeze and excitation of the channels after each level (Roy et al. 2018, arXiv:1803.02579)."""
    _unet(net, channels, base, depth, classes, deconv, _squeezed)


def _unet(net, channels, base, depth, classes, up, block=None):
    image = net.input("image", channels)
    x = encode_decode(net, image, base, depth, up, block)
    net.output(net.conv(x, classes, 1, "final"), "logits", like=image)


def _squeezed(net, x, channels, name, stride=1):
    x = double(net, x, channels, name, stride=stride)
    return net.squeeze(x, max(1, channels // 2), f"{name}.squeeze", "relu", "sigmoid")


def _deconv3(net, x, channels, skip, name, factor):
    return net.conv_transpose(x, channels, 3, name, stride=factor, pad=1, extra=factor - 1)
