// Maps of quads: [n][c4][d][h][w] of vec4, lane i of block c holds channel 4c + i.
// INPUT4(slot, name) declares a read-only buffer of vec4 and name(i). With -DTEX the inputs, slots 0 to 3, are uniform
// texel buffers of format R32G32B32A32_SFLOAT: the second descriptor layout, for llvmpipe, whose loads from storage
// buffers are loops over the lanes. Outputs are storage buffers in both layouts.
#ifndef LAYOUT_GLSL
#define LAYOUT_GLSL

#ifdef LOCAL_BY_CONSTANT  // default 64; a multiple of 8
layout(constant_id = 19) const int LOCAL = 64;
layout(local_size_x = 64, local_size_x_id = 19) in;
#else
#ifndef LOCAL
#define LOCAL 256
#endif
layout(local_size_x = LOCAL) in;
#endif

#define STORAGE(slot, access, kind, name) \
  layout(set = 0, binding = slot, std430) access buffer Block_##name { kind name[]; }
#ifdef TEX
#define INPUT4(slot, name) \
  layout(set = 0, binding = slot) uniform samplerBuffer name##_at; \
  vec4 name(int i) { return texelFetch(name##_at, i); }
#else
#define INPUT4(slot, name) \
  STORAGE(slot, readonly, vec4, name##_at); \
  vec4 name(int i) { return name##_at[i]; }
#endif

// a / b for 0 <= a < 2^31, b > 0 and a quotient below 2^22: no integer division, which vectors and GPUs do slowly.
int divided(int a, int b) {
  int q = int(float(a) / float(b));
  int r = a - q * b;
  return r < 0 ? q - 1 : r >= b ? q + 1 : q;
}

// Place of one position of the box: local coordinates; `inside` is false beyond the box, where place (0, 0, 0) stands.
struct Place { int d, h, w; bool inside; };

Place placed(int i) {
  Place at;
  at.inside = i < p.d * p.h * p.w;
  i = at.inside ? i : 0;
  int row = divided(i, p.w);
  at.w = i - row * p.w;
  at.d = divided(row, p.h);
  at.h = row - at.d * p.h;
  return at;
}

// Index of a position (global coordinates d, h, w) of channel block c (global) in the held source.
int source(int n, int c, int d, int h, int w) {
  return (((n * p.sc4 + c - p.sc0) * p.sd + d - p.sd0) * p.sh + h - p.sh0) * p.sw + w - p.sw0;
}

// Index in dst: local coordinates.
int target(int n, int c, Place at) { return (((n * p.c4 + c) * p.d + at.d) * p.h + at.h) * p.w + at.w; }

// v with 0 in the lanes beyond the channels; c: global block.
vec4 masked(vec4 v, int c) { return mix(vec4(0), v, lessThan(4 * c + ivec4(0, 1, 2, 3), ivec4(p.channels))); }

// s[t] by selection: stores in a rolled loop, which llvmpipe compiles far sooner than many stores (each a loop there),
// without indexed registers.
#define PICKED4(s, t) ((t) < 2 ? (t) == 0 ? (s)[0] : (s)[1] : (t) == 2 ? (s)[2] : (s)[3])
#define PICKED8(s, t) \
  ((t) < 4 ? PICKED4(s, t) : (t) < 6 ? (t) == 4 ? (s)[4] : (s)[5] : (t) == 6 ? (s)[6] : (s)[7])
#define PICKED6(s, t) ((t) < 4 ? PICKED4(s, t) : (t) == 4 ? (s)[4] : (s)[5])

// Grid of most shaders: x: positions of the box in workgroups of LOCAL, y: channel blocks, z: n.
int position() { return (int(gl_WorkGroupID.x) + p.base) * LOCAL + int(gl_LocalInvocationID.x); }
int block() { return int(gl_WorkGroupID.y); }
int image() { return int(gl_WorkGroupID.z); }

#endif
