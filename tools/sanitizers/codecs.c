/* PNG and JPEG: pictures of odd sizes written and read back, then the same bytes damaged or cut. Built with
   AddressSanitizer and UndefinedBehaviorSanitizer; what a decoder says about damaged bytes does not matter here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fcn_codecs.h"

static uint64_t state = 88172645463325252u;
static uint64_t next(void) {
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return state;
}

static long decoded, refused;

/* The bytes in a buffer of exactly their number. */
static int decode(const uint8_t *bytes, size_t count, int is_png, int raw, uint8_t **result, size_t *size) {
  uint8_t *exact = malloc(count ? count : 1);
  char message[FCN_CODEC_MESSAGE];
  fcn_picture_header header;
  memcpy(exact, bytes, count);
  int status = is_png ? fcn_png_header(exact, count, raw, &header, message) : fcn_jpeg_header(exact, count, &header, message);
  *result = NULL;
  if (status == FCN_CODEC_OK && (uint64_t)header.width * header.height <= 1 << 22) {
    *size = (size_t)header.width * header.height * (size_t)header.channels * (size_t)(header.sample_bits / 8);
    *result = malloc(*size ? *size : 1);
    status = is_png ? fcn_png_decode(exact, count, raw, *result, *size, message)
                    : fcn_jpeg_decode(exact, count, *result, *size, message);
  }
  free(exact);
  status == FCN_CODEC_OK ? decoded++ : refused++;
  return status;
}

static void damage(const uint8_t *bytes, size_t count, int is_png) {
  for (int i = 0; i < 200; i++) {
    uint8_t *copy = malloc(count), *result;
    size_t kept = next() % 3 ? count : next() % (count + 1), size;
    memcpy(copy, bytes, count);
    for (uint64_t wounds = next() % 6; wounds > 0; wounds--) copy[next() % count] = (uint8_t)next();
    decode(copy, kept, is_png, (int)(next() & 1), &result, &size);
    free(result), free(copy);
  }
}

static void picture(uint32_t width, uint32_t height, int color, int bits, int is_interlaced) {
  const size_t channels = color == FCN_COLOR_INDEXED ? 1 : (size_t)color;
  const size_t size = (size_t)width * height * channels * (bits == 16 ? 2 : 1);
  uint8_t *samples = malloc(size), palette[768], alpha[3] = {0, 128, 255}, *output, *result;
  const int top = bits >= 8 ? 255 : (1 << bits) - 1;
  char message[FCN_CODEC_MESSAGE];
  size_t count, back;
  for (size_t i = 0; i < size; i++) samples[i] = (uint8_t)(next() & (unsigned)top);
  for (size_t i = 0; i < sizeof palette; i++) palette[i] = (uint8_t)next();
  const fcn_png_text text = {.key = "Title", .value = "test", .is_utf8 = 1};
  const fcn_png_image image = {
      .width = width, .height = height, .color = color, .bits = bits, .samples = samples,
      .palette = color == FCN_COLOR_INDEXED ? palette : NULL, .palette_count = color == FCN_COLOR_INDEXED ? top + 1 : 0,
      .palette_alpha = alpha, .palette_alpha_count = color == FCN_COLOR_INDEXED ? (top < 2 ? top + 1 : 3) : 0,
      .texts = &text, .text_count = 1, .level = 6, .is_interlaced = is_interlaced};
  if (fcn_png_encode(&image, &output, &count, message) != FCN_CODEC_OK) {
    fprintf(stderr, "codecs: %ux%u color %d bits %d: %s\n", width, height, color, bits, message);
    exit(1);
  }
  if (decode(output, count, 1, 1, &result, &back) != FCN_CODEC_OK || back != size || memcmp(result, samples, size)) {
    fprintf(stderr, "codecs: %ux%u color %d bits %d: read back other samples\n", width, height, color, bits);
    exit(1);
  }
  free(result);
  damage(output, count, 1);
  fcn_codec_free(output);
  if (bits == 8 && (color == FCN_COLOR_GREY || color == FCN_COLOR_RGB)) {
    if (fcn_jpeg_encode(samples, width, height, color, 85, (int)(next() & 1), &output, &count, message) ||
        decode(output, count, 0, 0, &result, &back) || back != size) {
      fprintf(stderr, "codecs: JPEG %ux%u: %s\n", width, height, message);
      exit(1);
    }
    free(result);
    damage(output, count, 0);
    fcn_codec_free(output);
  }
  free(samples);
}

int main(void) {
  const uint32_t sizes[][2] = {{1, 1}, {1, 7}, {9, 1}, {7, 5}, {17, 33}, {64, 3}};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    for (int interlaced = 0; interlaced < 2; interlaced++)
      for (int color = FCN_COLOR_GREY; color <= FCN_COLOR_INDEXED; color++)
        for (int bits = 1; bits <= 16; bits *= 2) {
          const int narrow = color == FCN_COLOR_GREY || color == FCN_COLOR_INDEXED;
          if ((bits < 8 && !narrow) || (bits == 16 && color == FCN_COLOR_INDEXED)) continue;
          picture(sizes[i][0], sizes[i][1], color, bits, interlaced);
        }
  printf("codecs: %ld decoded, %ld refused\n", decoded, refused);
  return 0;
}
