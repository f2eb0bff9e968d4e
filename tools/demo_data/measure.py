"""Jaccard index, Otsu's threshold, and running an ONNX file on any size."""

import numpy as np
import onnxruntime


def jaccard(truth, guess):
    """Pixels in both masks over pixels in either; 1 for two empty masks."""
    either = np.logical_or(truth, guess).sum()
    return float(np.logical_and(truth, guess).sum() / either) if either else 1.0


def otsu(image):
    """The grey value t that splits image <= t from image > t best (Otsu 1979).

    Best means the largest variance between the two classes.
    """
    share = np.bincount(image.ravel(), minlength=256) / image.size
    below = np.cumsum(share)
    moment = np.cumsum(share * np.arange(256))
    spread = below * (1 - below)
    between = np.zeros(256)
    some = spread > 1e-12
    between[some] = (moment[-1] * below[some] - moment[some]) ** 2 / spread[some]
    return int(np.argmax(between))


def otsu_jaccard(image, truth):
    """Otsu's threshold and the Jaccard index of the brighter and darker part."""
    t = otsu(image)
    return t, jaccard(truth, image > t), jaccard(truth, image <= t)


def to_input(image):
    """Grey picture (H, W) of bytes -> network input (1, 1, H, W), 0 to 1."""
    return (image.astype(np.float32) / np.float32(255))[None, None]


def open_session(path):
    """onnxruntime on the CPU, one operator after the other as written."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def predict(session, image, multiple):
    """Probability (H, W) of a picture of any size.

    The picture is mirrored outwards (edge row not repeated) to the next
    multiple, half of the missing rows and columns on each side, and the
    result is cropped back.
    """
    height, width = image.shape
    more_y, more_x = -height % multiple, -width % multiple
    top, left = more_y // 2, more_x // 2
    wide = np.pad(image, ((top, more_y - top), (left, more_x - left)), mode="reflect")
    out = session.run(["probability"], {"image": to_input(wide)})[0]
    return out[0, 0, top:top + height, left:left + width]
