// Max and average pooling, 2-D and 3-D. One invocation: one vec4 of dst.
// b1 src; b4 dst; b5 indices [n][c4][d][h][w] uvec4 if FLAGS bit 0: place (d*ih + h)*iw + w of the first maximum in the
// whole image's plane (the host makes ONNX's flat index of it).
// OP: 0 maximum (a NaN is larger than all), 1 average over the taps inside the image, 2 average over the taps inside
//     image and padding; x0 x1 x2: pads after the image (d, h, w), which bound what OP 2 counts.
// Windows start at o*S - P; a ceil mode is in the extents that the host asks for.
// Push: the box, held, image, x0 x1 x2. Constants: kernel, stride, pads, dilation. Limit: KD*KH*KW <= 32768.
// Grid: x ceil(d*h*w / 64), y c4, z n. Lanes beyond C: the pool of the source's lanes.
#version 450
#extension GL_GOOGLE_include_directive : require
#define LOCAL 64
#include "common/params.glsl"
#include "common/layout.glsl"
INPUT4(1, src)
STORAGE(4, writeonly, vec4, dst);
STORAGE(5, writeonly, uvec4, indices);

// Taps from + k*D in [low, high): the first, and the one after the last.
ivec2 inside(int from, int K, int D, int low, int high) {
  int first = from >= low ? 0 : (low - from + D - 1) / D;
  return ivec2(first, min(K, high <= from ? 0 : (high - from + D - 1) / D));
}

void main() {
  Place at = placed(position());
  if (!at.inside) return;
  int fd = (at.d + p.d0) * SD - PF, fh = (at.h + p.h0) * SH - PT, fw = (at.w + p.w0) * SW - PL;
  ivec2 rd = inside(fd, KD, DD, 0, p.id), rh = inside(fh, KH, DH, 0, p.ih), rw = inside(fw, KW, DW, 0, p.iw);
  vec4 best = vec4(uintBitsToFloat(0xff800000u)), sum = vec4(0);
  uvec4 place = uvec4(((fd + rd.x * DD) * p.ih + fh + rh.x * DH) * p.iw + fw + rw.x * DW);
  for (int kd = rd.x; kd < rd.y; kd++)
    for (int kh = rh.x; kh < rh.y; kh++) {
      int d = fd + kd * DD, h = fh + kh * DH, row = source(image(), block() + p.c0, d, h, 0);
      for (int kw = rw.x; kw < rw.y; kw++) {
        vec4 x = src(row + fw + kw * DW);
        if (OP != 0) {
          sum += x;
        } else if ((FLAGS & 1) != 0) {
          bvec4 better = bvec4(uvec4(greaterThan(x, best)) | (uvec4(isnan(x)) & uvec4(equal(best, best))));
          best = mix(best, x, better);
          place = mix(place, uvec4((d * p.ih + h) * p.iw + fw + kw * DW), better);
        } else {
          best = mix(best, x, bvec4(uvec4(greaterThan(x, best)) | uvec4(isnan(x))));
        }
      }
    }
  int to = target(image(), block(), at);
  if (OP == 0) {
    dst[to] = best;
    if ((FLAGS & 1) != 0) indices[to] = place;
    return;
  }
  if (OP == 2) {
    rd = inside(fd, KD, DD, -PF, p.id + p.x0);
    rh = inside(fh, KH, DH, -PT, p.ih + p.x1);
    rw = inside(fw, KW, DW, -PL, p.iw + p.x2);
  }
  dst[to] = sum / float(max(1, max(0, rd.y - rd.x) * max(0, rh.y - rh.x) * max(0, rw.y - rw.x)));
}
