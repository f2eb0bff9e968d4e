#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "fcn_codecs.h"
#include "growing_buffer.h"

// Lives in the caller of the function that holds setjmp, so that longjmp leaves its fields defined.
typedef struct {
  jmp_buf jump;
  png_structp png;
  png_infop info;
  const uint8_t *bytes;
  size_t count, position;
  int out_of_memory;
  char *message;
} png_reader;

static void on_error(png_structp png, png_const_charp text) {
  png_reader *reader = png_get_error_ptr(png);
  fcn_set_message(reader->message, text);
  longjmp(reader->jump, 1);
}

static void on_warning(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static png_voidp on_allocate(png_structp png, png_alloc_size_t size) {
  png_reader *reader = png_get_mem_ptr(png);
  void *pointer = malloc(size);
  if (!pointer && reader) reader->out_of_memory = 1;
  return pointer;
}

static void on_free(png_structp png, png_voidp pointer) {
  (void)png;
  free(pointer);
}

static void on_read(png_structp png, png_bytep target, size_t count) {
  png_reader *reader = png_get_io_ptr(png);
  if (count > reader->count - reader->position) png_error(png, "the file ends too early");
  memcpy(target, reader->bytes + reader->position, count);
  reader->position += count;
}

static void open_png(png_reader *reader) {
  reader->png =
      png_create_read_struct_2(PNG_LIBPNG_VER_STRING, reader, on_error, on_warning, reader, on_allocate, on_free);
  if (!reader->png) {
    reader->out_of_memory = 1;
    longjmp(reader->jump, 1);
  }
  reader->info = png_create_info_struct(reader->png);
  if (!reader->info) png_error(reader->png, "out of memory");
  png_set_read_fn(reader->png, reader, on_read);
  png_set_user_limits(reader->png, 0x7fffffff, 0x7fffffff);
  png_set_chunk_malloc_max(reader->png, 8 << 20);
  png_set_chunk_cache_max(reader->png, 128);
  png_set_crc_action(reader->png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  // Every chunk but IHDR, PLTE, tRNS, IDAT and IEND is skipped: no gamma, no profiles, nothing to decompress.
  png_set_keep_unknown_chunks(reader->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_read_info(reader->png, reader->info);
}

static int color_of(int color_type) {
  switch (color_type) {
  case PNG_COLOR_TYPE_GRAY: return FCN_COLOR_GREY;
  case PNG_COLOR_TYPE_GRAY_ALPHA: return FCN_COLOR_GREY_ALPHA;
  case PNG_COLOR_TYPE_RGB: return FCN_COLOR_RGB;
  case PNG_COLOR_TYPE_RGB_ALPHA: return FCN_COLOR_RGB_ALPHA;
  default: return FCN_COLOR_INDEXED;
  }
}

static void describe(png_reader *reader, int raw, fcn_picture_header *header) {
  png_structp png = reader->png;
  png_infop info = reader->info;
  int color_type = png_get_color_type(png, info);
  int has_key = !raw && png_get_valid(png, info, PNG_INFO_tRNS) != 0;
  header->width = png_get_image_width(png, info);
  header->height = png_get_image_height(png, info);
  header->color = color_of(color_type);
  header->stored_bits = png_get_bit_depth(png, info);
  header->sample_bits = header->stored_bits == 16 ? 16 : 8;
  header->has_alpha = (color_type & PNG_COLOR_MASK_ALPHA) != 0 || has_key;
  header->channels = raw && color_type == PNG_COLOR_TYPE_PALETTE ? 1 : (color_type & PNG_COLOR_MASK_COLOR) ? 3 : 1;
  header->channels += header->has_alpha;
}

static void read_samples(png_reader *reader, int raw, uint8_t *samples, size_t size) {
  png_structp png = reader->png;
  fcn_picture_header header;
  describe(reader, raw, &header);
  if (raw) {
    png_set_packing(png);
  } else {
    png_set_expand(png);
  }
  if (header.sample_bits == 16 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) png_set_swap(png);
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, reader->info);
  size_t row = png_get_rowbytes(png, reader->info);
  size_t expected = (size_t)header.width * (size_t)header.channels * (size_t)(header.sample_bits / 8);
  if (row != expected || size / row != header.height || size % row != 0) png_error(png, "buffer of the wrong size");
  for (int pass = 0; pass < passes; pass++) {
    for (uint32_t y = 0; y < header.height; y++) png_read_row(png, samples + (size_t)y * row, NULL);
  }
  png_read_end(png, NULL);
}

static int guarded(png_reader *reader, int raw, fcn_picture_header *header, uint8_t *samples, size_t size) {
  if (setjmp(reader->jump)) return reader->out_of_memory ? FCN_CODEC_MEMORY : FCN_CODEC_DAMAGED;
  open_png(reader);
  if (header) describe(reader, raw, header);
  if (samples) read_samples(reader, raw, samples, size);
  return FCN_CODEC_OK;
}

static int read_png(const uint8_t *bytes, size_t count, int raw, fcn_picture_header *header, uint8_t *samples,
                    size_t size, char *message) {
  png_reader reader = {.bytes = bytes, .count = count, .message = message};
  message[0] = 0;
  int status = guarded(&reader, raw, header, samples, size);
  if (reader.png) png_destroy_read_struct(&reader.png, &reader.info, NULL);
  return status;
}

int fcn_png_header(const uint8_t *bytes, size_t count, int raw, fcn_picture_header *header, char *message) {
  return read_png(bytes, count, raw, header, NULL, 0, message);
}

int fcn_png_decode(const uint8_t *bytes, size_t count, int raw, void *samples, size_t size, char *message) {
  return read_png(bytes, count, raw, NULL, samples, size, message);
}
