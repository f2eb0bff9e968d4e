"""The small U-Net of the demo, its loss, and its way into an ONNX file."""

import json
import warnings

import onnx
import torch
from torch import nn

WIDTHS = (12, 24, 32, 48, 64)      # channels at full, 1/2, 1/4, 1/8, 1/16 size
MULTIPLE = 2 ** (len(WIDTHS) - 1)  # both sides of an input must divide by this
CLASSES = ["background", "nucleus"]


def block(n_in, n_out):
    """Two 3x3 convolutions, each with batch normalization and ReLU."""
    layers = []
    for n in (n_in, n_out):
        layers += [nn.Conv2d(n, n_out, 3, padding=1, bias=False),
                   nn.BatchNorm2d(n_out), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)


class UNet(nn.Module):
    """Four poolings down, four transposed convolutions up, skips between."""

    def __init__(self, widths=WIDTHS):
        super().__init__()
        fine_to_coarse = list(zip(widths[:-1], widths[1:]))
        self.enter = block(1, widths[0])
        self.down = nn.ModuleList(block(a, b) for a, b in fine_to_coarse)
        self.grow = nn.ModuleList(nn.ConvTranspose2d(b, a, 2, stride=2)
                                  for a, b in reversed(fine_to_coarse))
        self.join = nn.ModuleList(block(2 * a, a) for a, _ in reversed(fine_to_coarse))
        self.pool = nn.MaxPool2d(2)
        self.leave = nn.Conv2d(widths[0], 1, 1)

    def forward(self, image):
        x = self.enter(image)
        skips = []
        for down in self.down:
            skips.append(x)
            x = down(self.pool(x))
        for grow, join in zip(self.grow, self.join):
            x = join(torch.cat([skips.pop(), grow(x)], dim=1))
        return torch.sigmoid(self.leave(x))


def jaccard_loss(truth, guess, eps=1e-6):
    """The Jaccard loss with squared terms, j2, over a whole batch.

    With truth y in {0, 1} and prediction p in [0, 1] the overlap is
    I = sum(y * p), and

        j2 = 1 - I / (sum(y^2) + sum(p^2) - I + eps).

    For a prediction of only zeros and ones the squares change nothing and
    1 - j2 is the Jaccard index itself. For values in between, the squared
    terms count an undecided p less in the denominator than p itself would,
    which is the power Jaccard loss of Duque-Arias et al. (2021) for the
    exponent 2. The sums run over all pixels of the batch, so a crop without
    any foreground does no harm as long as another crop has some.
    """
    overlap = (truth * guess).sum()
    union = (truth * truth).sum() + (guess * guess).sum() - overlap
    return 1 - overlap / (union + eps)


def export(net, path):
    """Writes the ONNX file: opset 17, free N, H, W, and how to use the net.

    The net is in evaluation mode, and PRESERVE leaves it so but keeps the
    exporter from merging BatchNormalization into the convolutions.
    """
    net.eval()
    free = {0: "N", 2: "H", 3: "W"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            net, (torch.zeros(1, 1, 4 * MULTIPLE, 5 * MULTIPLE),), str(path),
            input_names=["image"], output_names=["probability"],
            dynamic_axes={"image": free, "probability": free},
            opset_version=17, do_constant_folding=False, dynamo=False,
            training=torch.onnx.TrainingMode.PRESERVE)
    model = onnx.load(str(path))
    onnx.helper.set_model_props(model, {
        "onnxfcn.preprocess": "unit",
        "onnxfcn.classes": json.dumps(CLASSES, separators=(",", ":")),
        "onnxfcn.threshold": "0.5",
    })
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, str(path))
    return model
