// Inverse trigonometric and hyperbolic functions; polynomials of Cephes (asinf, atanf, asinhf, atanhf).
#ifndef INVERSE_GLSL
#define INVERSE_GLSL

#include "elementary.glsl"

const float HALF_PI = 1.57079632679489662;

vec4 asinPolynomial(vec4 z, vec4 x) {
  vec4 y = 4.2163199048e-2 * z + 2.4181311049e-2;
  y = y * z + 4.5470025998e-2;
  y = y * z + 7.4953002686e-2;
  y = y * z + 1.6666752422e-1;
  return y * z * x + x;
}

vec4 asinOf(vec4 x) {
  vec4 a = abs(x), z = 0.5 * (1.0 - a);
  bvec4 wide = greaterThan(a, vec4(0.5));
  vec4 y = mix(asinPolynomial(a * a, a), HALF_PI - 2.0 * asinPolynomial(z, sqrt(max(z, 0.0))), wide);
  return mix(sign(x) * y, vec4(NOT_A_NUMBER), not(lessThanEqual(a, vec4(1))));
}

vec4 acosOf(vec4 x) {
  vec4 a = abs(x), z = 0.5 * (1.0 - a);
  vec4 far = 2.0 * asinPolynomial(z, sqrt(max(z, 0.0)));
  far = mix(far, 2.0 * HALF_PI - far, lessThan(x, vec4(0)));
  vec4 y = mix(HALF_PI - asinPolynomial(x * x, x), far, greaterThan(a, vec4(0.5)));
  return mix(y, vec4(NOT_A_NUMBER), not(lessThanEqual(a, vec4(1))));
}

vec4 atanOf(vec4 x) {
  vec4 a = abs(x);
  bvec4 far = greaterThan(a, vec4(2.414213562373095)), middle = greaterThan(a, vec4(0.4142135623730950));
  vec4 t = mix(mix(a, (a - 1.0) / (a + 1.0), middle), -1.0 / max(a, 1.0), far), z = t * t;
  vec4 y = 8.05374449538e-2 * z - 1.38776856032e-1;
  y = y * z + 1.99777106478e-1;
  y = y * z - 3.33329491539e-1;
  y = mix(mix(vec4(0), vec4(0.5 * HALF_PI), middle), vec4(HALF_PI), far) + (y * z * t + t);
  return mix(sign(x) * y, x, isnan(x));
}

vec4 sinhOf(vec4 x) {
  vec4 a = abs(x), z = x * x, e = expOf(0.5 * a);
  vec4 y = ((2.03721912945e-4 * z + 8.33028376239e-3) * z + 1.66667160211e-1) * z * x + x;
  vec4 wide = sign(x) * (0.5 * e * e - 0.5 / max(e * e, 1.0));
  return mix(mix(wide, y, lessThan(a, vec4(1))), x, isnan(x));
}

vec4 coshOf(vec4 x) {
  vec4 e = expOf(0.5 * abs(x));
  return 0.5 * e * e + 0.5 / (e * e);
}

// log(a + sqrt(a^2 + 1)) = log1p(a + a^2/(1 + sqrt(a^2 + 1))).
vec4 asinhOf(vec4 x) {
  vec4 a = abs(x), z = a * a;
  vec4 y = mix(logOnePlus(a + z / (1.0 + sqrt(z + 1.0))), logOf(a) + 0.693147180559945, greaterThan(a, vec4(1e6)));
  return mix(sign(x) * y, x, isnan(x));
}

vec4 acoshOf(vec4 x) {
  vec4 t = x - 1.0;
  vec4 y = mix(logOnePlus(t + sqrt(max(t * (x + 1.0), 0.0))), logOf(x) + 0.693147180559945,
               greaterThan(x, vec4(1e6)));
  return mix(y, vec4(NOT_A_NUMBER), not(greaterThanEqual(x, vec4(1))));
}

vec4 atanhOf(vec4 x) { return 0.5 * (logOnePlus(x) - logOnePlus(-x)); }

#endif
