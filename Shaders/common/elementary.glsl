// Elementary functions to about 2 ulp on any device (GLSL promises 3 + 2|x| ulp for exp and less elsewhere).
// Polynomials: Cephes (Moshier), expf, logf, tanhf, asinf, atanf; erf: Cephes ndtrf (erff, erfcf).
#ifndef ELEMENTARY_GLSL
#define ELEMENTARY_GLSL

#define INFINITY uintBitsToFloat(0x7f800000u)
#define NOT_A_NUMBER uintBitsToFloat(0x7fc00000u)

vec4 expOf(vec4 x) {
  precise vec4 n = floor(x * 1.44269504088896341 + 0.5);
  n = clamp(n, -151.0, 129.0);
  precise vec4 r = (x - n * 0.693359375) + n * 2.12194440e-4;
  vec4 y = 1.9875691500e-4 * r + 1.3981999507e-3;
  y = y * r + 8.3334519073e-3;
  y = y * r + 4.1665795894e-2;
  y = y * r + 1.6666665459e-1;
  y = y * r + 0.5;
  y = y * r * r + r + 1.0;
  ivec4 lower = ivec4(n) >> 1, upper = ivec4(n) - lower;
  y = y * intBitsToFloat((lower + 127) << 23) * intBitsToFloat((upper + 127) << 23);
  y = mix(y, vec4(INFINITY), greaterThan(x, vec4(88.8)));
  y = mix(y, vec4(0), lessThan(x, vec4(-104.0)));
  return mix(y, x, isnan(x));
}

// log(m 2^n) with sqrt(1/2) <= m < sqrt(2), f = m - 1.
vec4 logOf(vec4 x) {
  bvec4 tiny = lessThan(x, vec4(1.17549435e-38));
  ivec4 bits = floatBitsToInt(mix(x, x * 8388608.0, tiny));
  ivec4 e = (bits - 0x3f3504f3) >> 23;
  vec4 f = intBitsToFloat(bits - (e << 23)) - 1.0;
  vec4 n = vec4(e) - mix(vec4(0), vec4(23), tiny), z = f * f;
  vec4 y = 7.0376836292e-2 * f - 1.1514610310e-1;
  y = y * f + 1.1676998740e-1;
  y = y * f - 1.2420140846e-1;
  y = y * f + 1.4249322787e-1;
  y = y * f - 1.6668057665e-1;
  y = y * f + 2.0000714765e-1;
  y = y * f - 2.4999993993e-1;
  y = y * f + 3.3333331174e-1;
  y = y * f * z + n * -2.12194440e-4 - 0.5 * z;
  y = f + y + n * 0.693359375;
  y = mix(y, vec4(-INFINITY), equal(x, vec4(0)));
  y = mix(y, vec4(NOT_A_NUMBER), lessThan(x, vec4(0)));
  return mix(y, x, bvec4(uvec4(isnan(x)) | uvec4(equal(x, vec4(INFINITY)))));
}

// log(1 + x): log(u) x / (u - 1) with u = 1 + x rounded (Kahan).
vec4 logOnePlus(vec4 x) {
  precise vec4 u = 1.0 + x;
  precise vec4 t = u - 1.0;
  vec4 y = logOf(u) * (x / mix(t, vec4(1), equal(t, vec4(0))));
  return mix(mix(y, logOf(u), isinf(x)), x, equal(t, vec4(0)));
}

// exp(x) - 1.
vec4 expMinusOne(vec4 x) {
  vec4 z = x * x;
  vec4 y = 1.9875691500e-4 * x + 1.3981999507e-3;
  y = y * x + 8.3334519073e-3;
  y = y * x + 4.1665795894e-2;
  y = y * x + 1.6666665459e-1;
  y = y * x + 0.5;
  return mix(expOf(x) - 1.0, y * z + x, lessThan(abs(x), vec4(0.35)));
}

vec4 sigmoidOf(vec4 x) {
  vec4 e = expOf(-abs(x));
  return mix(vec4(1), e, lessThan(x, vec4(0))) / (1.0 + e);
}

vec4 tanhOf(vec4 x) {
  vec4 z = x * x;
  vec4 y = -5.70498872745e-3 * z + 2.06390887954e-2;
  y = y * z - 5.37397155531e-2;
  y = y * z + 1.33314422036e-1;
  y = y * z - 3.33332819422e-1;
  vec4 wide = sign(x) * (1.0 - 2.0 / (expOf(2.0 * abs(x)) + 1.0));
  y = mix(wide, y * z * x + x, lessThan(abs(x), vec4(0.625)));
  return mix(y, x, isnan(x));
}

// erf: odd polynomial below 1, 1 - exp(-x^2) P(1/x^2)/x above.
vec4 erfOf(vec4 x) {
  vec4 a = abs(x), z = x * x;
  vec4 s = 7.853861353153693e-5 * z - 8.010193625184903e-4;
  s = s * z + 5.188327685732524e-3;
  s = s * z - 2.685381193529856e-2;
  s = s * z + 1.128358514861418e-1;
  s = s * z - 3.761262582423300e-1;
  s = (s * z + 1.128379165726710) * x;
  vec4 q = 1.0 / max(a, 1.0), y = q * q;
  vec4 u = 2.326819970068386e-2 * y - 1.387039388740657e-1;
  u = u * y + 3.687424674597105e-1;
  u = u * y - 5.824733027278666e-1;
  u = u * y + 6.210004621745983e-1;
  u = u * y - 4.944515323274145e-1;
  u = u * y + 3.404879937665872e-1;
  u = u * y - 2.741127028184656e-1;
  u = u * y + 5.638259427386472e-1;
  vec4 v = -1.047766399936249e1 * y + 1.297719955372516e1;
  v = v * y - 7.495518717768503;
  v = v * y + 2.921019019210786;
  v = v * y - 1.015265279202700;
  v = v * y + 4.218463358204948e-1;
  v = v * y - 2.820767439740514e-1;
  v = v * y + 5.641895067754075e-1;
  vec4 tail = sign(x) * (1.0 - expOf(-z) * q * mix(u, v, greaterThan(a, vec4(2))));
  tail = mix(tail, sign(x), greaterThan(a, vec4(5)));
  return mix(mix(tail, s, lessThan(a, vec4(1))), x, isnan(x));
}

#endif
