/* The generated parser on damaged bytes: arguments are model files, each parsed whole and in seeded damaged copies.
   Built with AddressSanitizer and UndefinedBehaviorSanitizer. (The program gives it checked skeletons only.) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "onnx.pb-c.h"

static uint64_t state = 88172645463325252u;
static uint64_t next(void) {
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return state;
}

static long parsed, refused;

static void parse(const uint8_t *bytes, size_t count) {
  uint8_t *exact = malloc(count ? count : 1);
  memcpy(exact, bytes, count);
  FcnOnnx__Model *model = fcn_onnx__model__unpack(NULL, count, exact);
  free(exact);
  model ? parsed++ : refused++;
  if (model) fcn_onnx__model__free_unpacked(model, NULL);
}

int main(int count, char **paths) {
  for (int i = 1; i < count; i++) {
    FILE *file = fopen(paths[i], "rb");
    if (!file) return perror(paths[i]), 1;
    uint8_t *bytes = malloc(1 << 22);
    const size_t size = fread(bytes, 1, 1 << 22, file);
    fclose(file);
    parse(bytes, size);
    for (int round = 0; round < 500 && size > 0; round++) {
      uint8_t *copy = malloc(size);
      memcpy(copy, bytes, size);
      for (uint64_t wounds = next() % 8; wounds > 0; wounds--) copy[next() % (next() % 2 ? size : size / 8 + 1)] = (uint8_t)next();
      parse(copy, next() % 3 ? size : next() % (size + 1));
      free(copy);
    }
    free(bytes);
  }
  printf("proto: %ld parsed, %ld refused\n", parsed, refused);
  return 0;
}
