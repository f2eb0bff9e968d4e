// Depth to space and space to depth with blocks of B x B (constant SH). One invocation: one vec4 of dst, its lanes
// fetched one by one, or together where FLAGS bit 0 says that the four lie in one block (DCR and OP 2 with channels (OP
// 2: x0) a multiple of 4).
// OP 0 (DCR): y[c, h, w] = x[((h%B)*B + w%B)*C + c, h/B, w/B], C = channels
// OP 1 (CRD): y[c, h, w] = x[(c*B + h%B)*B + w%B, h/B, w/B]
// OP 2:       y[(i*B + j)*x0 + c, h, w] = x[c, h*B + i, w*B + j], x0 = channels of src
// b1 src; b4 dst. Push: the box, held, channels, x0. Grid: x ceil(d*h*w / 256), y c4, z n.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "common/params.glsl"
#include "common/layout.glsl"
INPUT4(1, src)
STORAGE(4, writeonly, vec4, dst);

void main() {
  Place at = placed(position());
  if (!at.inside) return;
  int c = block() + p.c0, d = at.d + p.d0, h = at.h + p.h0, w = at.w + p.w0;
  vec4 v = vec4(0);
  [[unroll]] for (int i = 0; i < 4; i++) {
    int k = min(4 * c + i, p.channels - 1), from = k, row = h, column = w;
    if (OP == 2) {
      int part = k / p.x0;
      from = k - part * p.x0;
      row = h * SH + part / SH;
      column = w * SH + part % SH;
    } else {
      int part = h % SH * SH + w % SH;
      from = OP == 0 ? part * p.channels + k : k * SH * SH + part;
      row = h / SH;
      column = w / SH;
    }
    if (i > 0 && (FLAGS & 1) != 0) break;
    vec4 x = src(source(image(), from / 4, d, row, column));
    v[i] = x[from & 3];
    if ((FLAGS & 1) != 0) v = x;
  }
  dst[target(image(), block(), at)] = masked(v, c);
}
