// Copies a range of channels to any place of a map: concat along channels, slice and pad of channels. One invocation:
// one vec4 of dst. Lanes of a block below the range keep what dst holds, lanes above it become 0: the inputs of a
// concat are written in order with a barrier between two that share a block (x0 not a multiple of 4).
// b1 src; b4 dst [n][x3][d][h][w] vec4, read and written: the position box is dst's, its blocks are x3.
// Push: n d h w d0 h0 w0, held (sc0 is not read), a; c4 = (x0 + x1 + 3)/4 - x0/4: blocks touched;
// x0: first channel in dst, x1: channels, x2: channel of src that goes to x0 (may be negative), x4: channels of src
// held; channels outside [0, x4) are the constant a. Grid: x ceil(d*h*w / 256), y c4, z n.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "common/params.glsl"
#include "common/layout.glsl"
INPUT4(1, src)
STORAGE(4, , vec4, dst);

vec4 fetched(int c, Place at) {
  bool hit = c >= 0 && c < p.sc4;
  return src(hit ? source(image(), c + p.sc0, at.d + p.d0, at.h + p.h0, at.w + p.w0) : 0);
}

void main() {
  Place at = placed(position());
  if (!at.inside) return;
  int c = p.x0 / 4 + block(), first = 4 * c - p.x0 + p.x2, from = first >> 2, r = first & 3;
  int to = (((image() * p.x3 + c) * p.d + at.d) * p.h + at.h) * p.w + at.w;
  vec4 l = fetched(from, at), v = l;
  if (r != 0) {
    vec4 h = fetched(from + 1, at);
    v = r == 1 ? vec4(l.yzw, h.x) : r == 2 ? vec4(l.zw, h.xy) : vec4(l.w, h.xyz);
  }
  ivec4 lane = ivec4(0, 1, 2, 3), k = first + lane, o = 4 * c + lane;
  v = mix(vec4(p.a), v, bvec4(uvec4(greaterThanEqual(k, ivec4(0))) & uvec4(lessThan(k, ivec4(p.x4)))));
  v = mix(v, vec4(0), greaterThanEqual(o, ivec4(p.x0 + p.x1)));
  if (4 * c < p.x0) v = mix(v, dst[to], lessThan(o, ivec4(p.x0)));
  dst[to] = v;
}
