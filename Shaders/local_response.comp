// Local response normalisation: y[c] = x[c] / (b + a * sum of x[k]^2)^beta over channels c - x0 <= k <= c + x1 inside
// the image, in order. One invocation: one vec4 of dst. b1 src (all channels); b4 dst.
// Push: the box, held, channels, a = alpha / size, b = bias; x0 = (size - 1) / 2, x1 = size / 2, x2 = bits of -beta.
// Limit: size / 4 <= 32768. Grid: x ceil(d*h*w / 64), y c4, z n.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#define LOCAL 64
#include "common/params.glsl"
#include "common/layout.glsl"
#include "common/elementary.glsl"
INPUT4(1, src)
STORAGE(4, writeonly, vec4, dst);

vec4 fetched(int c, Place at) { return src(source(image(), c, at.d + p.d0, at.h + p.h0, at.w + p.w0)); }

void main() {
  Place at = placed(position());
  if (!at.inside) return;
  int c = block() + p.c0;
  ivec4 own = 4 * c + ivec4(0, 1, 2, 3);
  ivec4 low = max(own - p.x0, 0), high = min(own + p.x1, p.channels - 1);
  vec4 sum = vec4(0);
  for (int k = low.x >> 2; k <= high.w >> 2; k++) {
    vec4 x = fetched(k, at), square = x * x;
    [[unroll]] for (int j = 0; j < 4; j++) {
      ivec4 at4 = ivec4(4 * k + j);
      bvec4 hit = bvec4(uvec4(lessThanEqual(low, at4)) & uvec4(lessThanEqual(at4, high)));
      sum += mix(vec4(0), vec4(square[j]), hit);
    }
  }
  vec4 y = fetched(c, at) * expOf(intBitsToFloat(p.x2) * logOf(p.b + p.a * sum));
  dst[target(image(), block(), at)] = masked(y, c);
}
