// Taps of convolutions along the three axes: an output's tap j of an axis reads the input at from + j*step with the
// kernel's element first + j*stride, j < count. Convolution: from = o*S - P, step = D.
// Transposed (-DTRANSPOSED): the outputs o = f - P (mod S) of a phase f share the elements k with k*D = f (mod S):
// from = (o + P - k0*D)/S, step = -stride*D/S. One phase per workgroup in z: z = n*phases + phase.
#ifndef TAPS_GLSL
#define TAPS_GLSL

struct Axis {
  int first, stride, count, step;  // kernel elements, and the input's step from one to the next
  int start, places;               // first output (local) and the number of outputs, one every `every`
  int every;
};

#ifdef TRANSPOSED
Axis axis(int K, int S, int P, int D, int phase, int origin, int extent) {
  Axis a;
  a.first = 0;
  while (a.first < K && (a.first * D + S - phase) % S != 0) a.first++;
  a.stride = 1;
  while (a.stride * D % S != 0) a.stride++;
  a.count = (K - a.first + a.stride - 1) / a.stride;
  a.step = -(a.stride * D / S);
  // Operands of % are not negative: else it means nothing in Vulkan.
  int pad = P >= 0 ? P % S : (S - (-P) % S) % S;
  a.start = (phase + S - (origin + pad) % S) % S;
  a.every = S;
  a.places = max(0, (extent - a.start + S - 1) / S);
  return a;
}
// Input of tap 0 of a local output; the division is exact.
int tap(Axis a, int o, int origin, int S, int P, int D) { return (o + origin + P - a.first * D) / S; }
#define PHASES (SD * SH * SW)
#else
Axis axis(int K, int S, int P, int D, int phase, int origin, int extent) {
  return Axis(0, 1, K, D, 0, extent, 1);
}
int tap(Axis a, int o, int origin, int S, int P, int D) { return (o + origin) * S - P; }
#define PHASES 1
#endif

// Whether a position is inside the image, without branches.
bool within(ivec3 q) { return all(lessThan(uvec3(q), uvec3(p.id, p.ih, p.iw))); }

// Place i of a phase, row by row.
Place phased(int i, Axis ad, Axis ah, Axis aw) {
  Place at;
  at.inside = i < ad.places * ah.places * aw.places;
  i = at.inside ? i : 0;
  int row = divided(i, max(aw.places, 1)), slice = divided(row, max(ah.places, 1));
  at.w = aw.start + (i - row * aw.places) * aw.every;
  at.h = ah.start + (row - slice * ah.places) * ah.every;
  at.d = ad.start + slice * ad.every;
  return at;
}

#endif
