"""Times of PyTorch with cuDNN in float32, TF32 off: 3x3 convolutions, and the U-Net of base 64 of tools/make-networks.

Each figure is the median of 20 runs between CUDA events, after 5 to warm up and choose algorithms.
"""
import statistics
import sys

import torch
from torch import nn


def block(source, target):
    return nn.Sequential(nn.Conv2d(source, target, 3, padding=1), nn.ReLU(), nn.Conv2d(target, target, 3, padding=1),
                         nn.ReLU())


class UNet(nn.Module):
    """Five levels, 2x2 maximum pools, transposed 2x2 convolutions, softmax over two classes."""

    def __init__(self, base=64, classes=2):
        super().__init__()
        widths = [base << level for level in range(5)]
        self.down = nn.ModuleList(block(a, b) for a, b in zip([1] + widths, widths))
        self.up = nn.ModuleList(nn.ConvTranspose2d(2 * width, width, 2, 2) for width in widths[:4])
        self.join = nn.ModuleList(block(2 * width, width) for width in widths[:4])
        self.final = nn.Conv2d(base, classes, 1)

    def forward(self, x):
        kept = []
        for level, down in enumerate(self.down):
            x = down(x if level == 0 else nn.functional.max_pool2d(x, 2))
            kept.append(x)
        for level in reversed(range(4)):
            x = self.join[level](torch.cat([kept[level], self.up[level](x)], 1))
        return torch.softmax(self.final(x), 1)


def milliseconds(network, image):
    for _ in range(5):
        network(image)
    times = []
    for _ in range(20):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        network(image)
        end.record()
        torch.cuda.synchronize()
        times.append(start.elapsed_time(end))
    return statistics.median(times)


@torch.inference_mode()
def main():
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = True
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}, cuDNN {torch.backends.cudnn.version()}")
    for channels, size in ((64, 512), (64, 256), (128, 256), (256, 128), (512, 64)):
        convolution = nn.Conv2d(channels, channels, 3, padding=1).cuda()
        took = milliseconds(convolution, torch.randn(1, channels, size, size, device="cuda"))
        flops = 18 * channels * channels * size * size
        print(f"3x3 {channels} to {channels} at {size}x{size}: {took:.3f} ms, {flops / took / 1e9:.2f} TFLOP/s")
    took = milliseconds(UNet().cuda(), torch.randn(1, 1, 512, 512, device="cuda"))
    print(f"U-Net base 64 at 512x512: {took:.2f} ms")


if __name__ == "__main__":
    sys.exit(main())
