"""The list of networks with their benchmark sizes and their small versions for tests."""

import inspect
from dataclasses import dataclass, field

from . import inverted, pixelwise, resnet, unet, unet_variants, vgg
from .layers import Network


@dataclass(frozen=True)
class Entry:
    """One network.

    `bench` is the spatial size of the benchmark (None: not benchmarked); `small` are the options of the
    version under testdata, `cases` its spatial sizes, led by the batch where that is not 1, and `fixed` says that
    its dimensions are not symbolic.
    """

    build: object
    bench: tuple | None = None
    small: dict = field(default_factory=dict)
    cases: tuple = ()
    fixed: bool = False
    rank: int = 2

    @property
    def name(self):
        return self.build.__name__

    @property
    def summary(self):
        return self.build.__doc__.splitlines()[0]

    @property
    def options(self):
        """Option names and their defaults."""
        parameters = list(inspect.signature(self.build).parameters.values())[1:]
        return {p.name: p.default for p in parameters}

    def model(self, *, seed=1, opset=17, size=None, batch="N", **options):
        """The ModelProto; `options` are those of the network's own function."""
        for name in options:
            if name not in self.options:
                raise ValueError(f"{self.name} has no option {name}; it has {', '.join(self.options)}")
        net = Network(self.name, rank=self.rank, seed=seed, opset=opset, size=size, batch=batch)
        self.build(net, **options)
        return net.model()


_VGG = {"width": 1 / 32, "fc": 8, "classes": 2}
_UNET = {"base": 4, "depth": 2}

ENTRIES = (
    Entry(pixelwise.plain, (512, 512), {"base": 8, "depth": 4}, ((32, 48), (2, 17, 23), (1, 5))),
    Entry(unet.unet_deconv, None, {"base": 3, "depth": 3}, ((24, 32), (2, 24, 16))),
    Entry(unet.unet_softmax, (512, 512), {"base": 4, "depth": 2, "classes": 3}, ((32, 48),)),
    Entry(unet.unet_nearest, (512, 512), _UNET, ((32, 48), (40, 24))),
    Entry(unet.unet_bilinear, (512, 512), _UNET, ((24, 32),)),
    Entry(unet.unet_anysize, None, _UNET, ((24, 32), (23, 37))),
    Entry(unet.unet_stride2, None, _UNET, ((24, 32),)),
    Entry(unet.unet_valid, None, _UNET, ((60, 76),), fixed=True),
    Entry(unet.unet_valid_dynamic, None, {"base": 3, "depth": 2}, ((44, 60), (47, 54))),
    Entry(unet_variants.unet_deconv3, None, {"base": 3, "depth": 2}, ((24, 32),)),
    Entry(unet_variants.unet_align_corners, None, {"base": 3, "depth": 2}, ((24, 32), (32, 20))),
    Entry(unet_variants.unet_reflect, None, {"base": 3, "depth": 2}, ((24, 32),)),
    Entry(unet_variants.unet_instance_norm, None, {"base": 3, "depth": 2}, ((2, 24, 32),)),
    Entry(unet_variants.unet_squeeze, None, {"base": 3, "depth": 2}, ((24, 32), (2, 20, 12))),
    Entry(resnet.unet_resnet34, (512, 512), {"width": 1 / 28}, ((32, 64),)),
    Entry(vgg.vgg16_pool5, None, {"width": 1 / 32}, ((32, 64), (75, 33))),
    Entry(vgg.fcn32s, None, _VGG, ((24, 32),)),
    Entry(vgg.fcn16s, None, _VGG, ((24, 40),)),
    Entry(vgg.fcn8s, (256, 256), _VGG, ((24, 40), (33, 27))),
    Entry(vgg.segnet, (256, 256), {"width": 1 / 32, "classes": 2}, ((2, 32, 32),)),
    Entry(vgg.segnet_shaped, None, {"width": 1 / 32, "classes": 2}, ((32, 32), (2, 33, 43))),
    Entry(resnet.resnet50_features, None, {"width": 1 / 32}, ((32, 64), (41, 33))),
    Entry(resnet.fcn_resnet50, (384, 384), {"width": 1 / 32, "classes": 3}, ((32, 48), (27, 41))),
    Entry(inverted.deeplabv3_mnv3, (512, 512), {"width": 1 / 24, "classes": 2}, ((32, 64), (5, 600))),
    Entry(inverted.lraspp_mnv3, (512, 512), {"width": 1 / 20, "classes": 3}, ((32, 64), (49, 35))),
    Entry(inverted.fpn_efficientnet_b0, (512, 512), {"width": 1 / 20, "classes": 2}, ((32, 64),)),
    Entry(unet.unet3d, (32, 96, 96), {"base": 2, "depth": 2}, ((8, 12, 16), (12, 8, 4)), rank=3),
    Entry(pixelwise.uniform, None, {"depth": 10}, ((32, 48), (7, 9))),
    Entry(pixelwise.deblur, None, {"base": 8, "depth": 2}, ((32, 48), (19, 27))),
    Entry(pixelwise.decompose, None, {"base": 8}, ((32, 48),)),
    Entry(pixelwise.density, None, {"base": 2}, ((32, 48), (33, 46))),
    Entry(pixelwise.coordconv, None, {"base": 8, "depth": 3}, ((32, 48),)),
    Entry(pixelwise.coordconv_constant, None, {"base": 8, "depth": 3, "batch": 1}, ((32, 48),), fixed=True),
    Entry(pixelwise.position_embedding, None, {"base": 4, "depth": 2}, ((24, 32),), fixed=True),
    Entry(pixelwise.masked, None, {"base": 8, "depth": 3}, ((32, 48),)),
)

BY_NAME = {entry.name: entry for entry in ENTRIES}
