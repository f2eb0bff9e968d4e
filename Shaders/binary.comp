// y = act(x op z), z broadcast by strides. One invocation: one vec4. May run in place on x.
// b1 x [n][sc4][sd][sh][sw] vec4; b3 z vec4: the value for local (n, c, d, h, w) of the box lies at
//    x0 + n*x1 + c*x2 + d*x3 + h*x4 + w*x5 (stride 0: broadcast);
// b4 dst [n][c4][d][h][w] vec4; lanes >= channels are 0.
// OP: 0 add, 1 subtract, 2 multiply, 3 divide, 4 maximum, 5 minimum, 6 prelu (z: slope), 7 power (exact steps for
// exponents 2, 3, 1, 1/2, -1, -1/2; else relative error about 1e-7 |z ln x|).
// FLAGS bit 0: x and z are both held as exactly the box; then d = h = 1 and w = d*h*w may be pushed.
//       bit 1: operands swapped (z op x). bit 2: z has one channel, its lane 0 serves all lanes.
// Push: the box, the held source of x, channels, base, a b (ACT), x0-x5. Grid: x ceil(d*h*w / 256), y c4, z n.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common/params.glsl"
#include "common/layout.glsl"
#include "common/activation.glsl"
INPUT4(1, src)
INPUT4(3, other)
STORAGE(4, writeonly, vec4, dst);

vec4 either(vec4 l, vec4 r, vec4 best) { return mix(mix(best, r, isnan(r)), l, isnan(l)); }

vec4 power(vec4 x, vec4 y) {
  bvec4 whole = equal(y, floor(y)), odd = notEqual(floor(y * 0.5) * 2.0, y);
  vec4 r = expOf(y * logOf(abs(x)));
  r = mix(r, -r, bvec4(uvec4(odd) & uvec4(whole) & uvec4(lessThan(x, vec4(0)))));
  r = mix(r, vec4(NOT_A_NUMBER), bvec4(uvec4(not(whole)) & uvec4(lessThan(x, vec4(0)))));
  r = mix(r, x * x, equal(y, vec4(2)));
  r = mix(r, x * x * x, equal(y, vec4(3)));
  r = mix(r, x, equal(y, vec4(1)));
  r = mix(r, sqrt(abs(x)), bvec4(uvec4(equal(y, vec4(0.5))) & uvec4(greaterThanEqual(x, vec4(0)))));
  r = mix(r, 1.0 / x, equal(y, vec4(-1)));
  r = mix(r, inversesqrt(x), bvec4(uvec4(equal(y, vec4(-0.5))) & uvec4(greaterThan(x, vec4(0)))));
  return mix(r, vec4(1), bvec4(uvec4(equal(y, vec4(0))) | uvec4(equal(x, vec4(1)))));
}

vec4 applied(vec4 l, vec4 r) {
  switch (OP) {
  case 1: return l - r;
  case 2: return l * r;
  case 3: return l / r;
  case 4: return either(l, r, max(l, r));
  case 5: return either(l, r, min(l, r));
  case 6: return mix(l, l * r, lessThan(l, vec4(0)));
  case 7: return power(l, r);
  default: return l + r;
  }
}

void main() {
  int i = position(), n = image(), c = block(), from, to, with;
  if ((FLAGS & 1) != 0) {
    if (i >= p.w) return;
    from = to = with = (n * p.c4 + c) * p.w + i;
  } else {
    Place at = placed(i);
    if (!at.inside) return;
    from = source(n, c + p.c0, at.d + p.d0, at.h + p.h0, at.w + p.w0);
    to = target(n, c, at);
    with = p.x0 + n * p.x1 + c * p.x2 + at.d * p.x3 + at.h * p.x4 + at.w * p.x5;
  }
  vec4 x = src(from), z = other(with);
  if ((FLAGS & 4) != 0) z = z.xxxx;
  vec4 y = (FLAGS & 2) != 0 ? applied(z, x) : applied(x, z);
  dst[to] = masked(activated(y, ACT, p.a, p.b), c + p.c0);
}
