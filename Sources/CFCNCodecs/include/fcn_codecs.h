// PNG and JPEG between memory and memory, over libpng and libjpeg.
//
// Every function returns an fcn_codec_status. On failure `message` (FCN_CODEC_MESSAGE bytes, never NULL) holds the
// library's words. The libraries' longjmp never leaves these functions. No global state; safe from any thread.
#ifndef FCN_CODECS_H
#define FCN_CODECS_H

#include <stddef.h>
#include <stdint.h>

#define FCN_CODEC_MESSAGE 256

enum fcn_codec_status {
  FCN_CODEC_OK = 0,
  FCN_CODEC_DAMAGED = 1,
  FCN_CODEC_UNSUPPORTED = 2,
  FCN_CODEC_MEMORY = 3,
};

enum fcn_color {
  FCN_COLOR_GREY = 1,
  FCN_COLOR_GREY_ALPHA = 2,
  FCN_COLOR_RGB = 3,
  FCN_COLOR_RGB_ALPHA = 4,
  FCN_COLOR_INDEXED = 5,
};

// What decoding will give. `color` of the file as stored; `channels`, `sample_bits` (8 or 16) as decoded.
typedef struct {
  uint32_t width, height;
  int color;
  int stored_bits;
  int channels;
  int sample_bits;
  int has_alpha;
} fcn_picture_header;

// `raw` != 0: grey and indexed files give their stored values or palette indices, one byte each below 16 bits.
// `raw` == 0: palettes become colours, tRNS becomes alpha, grey of 1, 2, 4 bits is scaled to 0…255.
int fcn_png_header(const uint8_t *bytes, size_t count, int raw, fcn_picture_header *header, char *message);

// `samples`: height × width × channels of 8 or 16 bits (native endian), interleaved; `size` must be exactly its bytes.
int fcn_png_decode(const uint8_t *bytes, size_t count, int raw, void *samples, size_t size, char *message);

// CMYK and YCCK give FCN_CODEC_UNSUPPORTED; YCbCr gives RGB.
int fcn_jpeg_header(const uint8_t *bytes, size_t count, fcn_picture_header *header, char *message);
// As fcn_png_decode. Truncated or corrupt entropy-coded data is an error, not a warning.
int fcn_jpeg_decode(const uint8_t *bytes, size_t count, void *samples, size_t size, char *message);

typedef struct {
  const char *key; // 1…79 bytes, Latin-1
  const char *value;
  int is_utf8; // 1: iTXt, 0: tEXt (Latin-1)
} fcn_png_text;

typedef struct {
  uint32_t width, height;
  int color;              // enum fcn_color
  int bits;               // 1, 2, 4 (grey, indexed), 8, 16; below 16 a sample is one byte in memory
  const void *samples;    // height × width × channels, interleaved, native endian
  const uint8_t *palette; // palette_count × (r, g, b)
  int palette_count;
  const uint8_t *palette_alpha; // the first palette_alpha_count entries' alpha
  int palette_alpha_count;
  const fcn_png_text *texts;
  int text_count;
  int level;         // zlib, 0…9
  int is_run_length; // zlib's Z_RLE: runs of equal bytes only
  int is_interlaced;
} fcn_png_image;

// `*output` is to be freed with fcn_codec_free.
int fcn_png_encode(const fcn_png_image *image, uint8_t **output, size_t *size, char *message);

// `channels` 1 or 3; `quality` 1…100; `full_chroma` != 0: 4:4:4, else 4:2:0.
int fcn_jpeg_encode(const uint8_t *samples, uint32_t width, uint32_t height, int channels, int quality, int full_chroma,
                    uint8_t **output, size_t *size, char *message);

void fcn_codec_free(uint8_t *output);

#endif
