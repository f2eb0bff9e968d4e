"""Draws synthetic microscopy: a sheet of cells with membranes and nuclei.

Everything comes from a numpy generator, so one seed always gives one image.
The steps follow the order in which a real picture comes about: first the
object (cells, membranes, nuclei, granules), then the light that falls on it,
then the optics (blur) and last the camera (photon noise, read noise, 8 bits).
"""

import math

import numpy as np

FRAME = 1000      # side of the camera frame that the illumination belongs to
SPACING = 62.0    # mean distance between neighbouring cells, in pixels


def blur(image, sigma):
    """Gaussian blur, done in the frequency domain on a mirrored margin."""
    if sigma <= 0:
        return image
    margin = int(math.ceil(3 * sigma))
    wide = np.pad(image, margin, mode="symmetric")
    fy = np.fft.fftfreq(wide.shape[0])[:, None]
    fx = np.fft.rfftfreq(wide.shape[1])[None, :]
    gain = np.exp(-2 * (math.pi * sigma) ** 2 * (fy * fy + fx * fx))
    soft = np.fft.irfft2(np.fft.rfft2(wide) * gain, s=wide.shape)
    return soft[margin:margin + image.shape[0], margin:margin + image.shape[1]]


def smooth_noise(rng, shape, scale):
    """A random field of blobs about `scale` pixels wide, mean 0, spread 1.

    White noise, smoothed with a Gaussian that wraps around at the edges.
    """
    fy = np.fft.fftfreq(shape[0])[:, None]
    fx = np.fft.rfftfreq(shape[1])[None, :]
    gain = np.exp(-2 * (math.pi * scale / 3) ** 2 * (fy * fy + fx * fx))
    field = np.fft.irfft2(np.fft.rfft2(rng.standard_normal(shape)) * gain, s=shape)
    return (field - field.mean()) / (field.std() + 1e-12)


def soft_step(distance, width):
    """0 well below zero, 1 well above zero, with a ramp about `width` wide."""
    return 1 / (1 + np.exp(-np.clip(distance / width, -30, 30)))


def cells(rng, shape):
    """Curved Voronoi cells around the points of a jittered, staggered grid.

    Returns the index of the cell of every pixel, the offset (dy, dx) from the
    cell's own point, the distance to the border with the next cell, and the
    number of cells.
    """
    rows, cols = (int(n / SPACING) + 8 for n in shape)
    points = np.stack(np.meshgrid(np.arange(rows), np.arange(cols), indexing="ij"), -1)
    points = points + 0.32 * rng.uniform(-1, 1, points.shape)
    points[1::2, :, 1] += 0.5                         # every other row half a cell on
    flat = (points * SPACING).reshape(-1, 2)
    bend = rng.uniform(2, 4.5)
    y = np.arange(shape[0])[:, None] + 3.5 * SPACING + bend * smooth_noise(rng, shape, 45)
    x = np.arange(shape[1])[None, :] + 3.5 * SPACING + bend * smooth_noise(rng, shape, 45)

    near_row = np.rint(y / SPACING).astype(int)
    first = np.full(shape, np.inf)
    second = np.full(shape, np.inf)
    owner = np.zeros(shape, int)
    rival = np.zeros(shape, int)
    for oy in range(-2, 3):
        row = np.clip(near_row + oy, 0, rows - 1)
        near_col = np.rint(x / SPACING - 0.5 * (row % 2)).astype(int)
        for ox in range(-2, 3):
            index = row * cols + np.clip(near_col + ox, 0, cols - 1)
            d = (y - flat[index, 0]) ** 2 + (x - flat[index, 1]) ** 2
            nearer = d < first
            between = ~nearer & (d < second)
            rival = np.where(nearer, owner, np.where(between, index, rival))
            second = np.where(nearer, first, np.where(between, d, second))
            owner = np.where(nearer, index, owner)
            first = np.where(nearer, d, first)
    gap = np.linalg.norm(flat[owner] - flat[rival], axis=-1) + 1e-9
    border = (second - first) / (2 * gap)
    return owner, y - flat[owner, 0], x - flat[owner, 1], border, rows * cols


def nuclei(rng, owner, dy, dx, border, count):
    """Signed distance (positive inside) to the nucleus of each pixel's cell."""
    radius = rng.uniform(13, 19, count)
    radius[rng.random(count) < 0.12] = -50            # a few cells show no nucleus
    shift = rng.uniform(-4, 4, (count, 2))
    py, px = dy - shift[owner, 0], dx - shift[owner, 1]
    turn = np.arctan2(py, px)
    shape = np.ones_like(border)
    for k, most in ((2, 0.16), (3, 0.07), (5, 0.03)):
        size, phase = rng.uniform(0, most, count), rng.uniform(0, 2 * math.pi, count)
        shape += size[owner] * np.cos(k * turn + phase[owner])
    inside = radius[owner] * shape - np.hypot(py, px)
    return np.minimum(inside, border - 4.5)


def spots(rng, shape, density, sigma):
    """Soft round spots of peak about 1, `density` of them per pixel."""
    seeds = (rng.random(shape) < density) * rng.uniform(0.5, 1.0, shape)
    return blur(seeds, sigma) * (2 * math.pi * sigma * sigma)


def illumination(rng, shape):
    """Uneven light: a slope, a vignette and slow clouds over the camera frame.

    A picture smaller than the frame is a window at a random place of it, so
    that small training pictures meet all the light levels of a full frame.
    """
    full = [max(FRAME, n) for n in shape]
    v = np.arange(full[0])[:, None] / full[0] - 0.5
    u = np.arange(full[1])[None, :] / full[1] - 0.5
    angle, slope = rng.uniform(0, 2 * math.pi), rng.uniform(0.8, 1.5)
    cy, cx = rng.uniform(-0.2, 0.2, 2)
    log_light = slope * (u * math.cos(angle) + v * math.sin(angle))
    log_light = log_light - rng.uniform(0.5, 1.3) * ((u - cx) ** 2 + (v - cy) ** 2)
    log_light = log_light + 0.12 * smooth_noise(rng, full, 260)
    top, left = (rng.integers(0, f - n + 1) for f, n in zip(full, shape))
    return np.exp(log_light[top:top + shape[0], left:left + shape[1]] - 0.15)


def draw(seed, height, width):
    """One picture: (grey values as uint8, nucleus mask as bool)."""
    rng = np.random.default_rng(seed)
    shape = (height, width)
    owner, dy, dx, border, count = cells(rng, shape)
    inside = nuclei(rng, owner, dy, dx, border, count)
    mask = inside > 0

    # Cytoplasm: its own grey value per cell, a coarse and a fine texture.
    tone = rng.normal(0.40, 0.045, count)[owner]
    texture = 0.030 * smooth_noise(rng, shape, 14) + 0.025 * smooth_noise(rng, shape, 5)
    body = tone * (1 + texture / 0.4)
    granules = spots(rng, shape, rng.uniform(0.001, 0.003), rng.uniform(1.2, 2.0))
    body = body + rng.uniform(0.12, 0.28) * np.minimum(granules, 1.3)

    # Nucleus: brighter than its own cytoplasm by an amount that varies, with
    # a chromatin texture and one or two dark nucleoli on the average.
    lift = rng.uniform(0.15, 0.30, count)[owner]
    chromatin = 0.045 * smooth_noise(rng, shape, 6)
    nucleoli = np.minimum(spots(rng, shape, 0.0022, 2.2), 1.0)
    core = tone + lift + chromatin - 0.16 * nucleoli
    share = soft_step(inside, 0.5)
    scene = body * (1 - share) + core * share

    # Membrane: dark in some pictures, bright in others, fading in places.
    sign = -1 if rng.random() < 0.5 else 1
    strength = rng.uniform(0.16, 0.34) * np.clip(0.8 + 0.35 * smooth_noise(rng, shape, 40), 0.1, 1.4)
    thick = rng.uniform(1.3, 2.2)
    scene = scene + sign * strength * np.exp(-0.5 * (border / thick) ** 2)

    # Light, optics, camera.
    scene = np.clip(scene, 0.02, None) * illumination(rng, shape)
    scene = scene + 0.03 + rng.uniform(0.0, 0.03)
    scene = blur(scene, rng.uniform(0.8, 1.5))
    photons = rng.uniform(120, 320)
    scene = rng.poisson(np.clip(scene, 0, None) * photons) / photons
    scene = scene + rng.normal(0, rng.uniform(0.010, 0.022), shape)
    return np.clip(np.rint(scene * 255 * 0.85), 0, 255).astype(np.uint8), mask
