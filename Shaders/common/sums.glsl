// Compensated sums (Kahan): what `next` = all + y lost. Nothing once the sum is infinite or no number: it stays that.
vec4 compensation(vec4 all, vec4 y, vec4 next) {
  precise vec4 lost = (next - all) - y;
  return mix(lost, vec4(0), bvec4(uvec4(isinf(next)) | uvec4(isnan(next))));
}
