#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "fcn_codecs.h"
#include "growing_buffer.h"

typedef struct {
  jmp_buf jump;
  png_structp png;
  png_infop info;
  fcn_growing_buffer output;
  int out_of_memory;
  char *message;
} png_writer;

static void on_error(png_structp png, png_const_charp text) {
  png_writer *writer = png_get_error_ptr(png);
  fcn_set_message(writer->message, text);
  longjmp(writer->jump, 1);
}

static void on_warning(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void on_write(png_structp png, png_bytep source, size_t count) {
  png_writer *writer = png_get_io_ptr(png);
  if (!fcn_buffer_reserve(&writer->output, count)) {
    writer->out_of_memory = 1;
    png_error(png, "out of memory");
  }
  memcpy(writer->output.bytes + writer->output.count, source, count);
  writer->output.count += count;
}

static void on_flush(png_structp png) { (void)png; }

static int color_type_of(int color) {
  switch (color) {
  case FCN_COLOR_GREY: return PNG_COLOR_TYPE_GRAY;
  case FCN_COLOR_GREY_ALPHA: return PNG_COLOR_TYPE_GRAY_ALPHA;
  case FCN_COLOR_RGB: return PNG_COLOR_TYPE_RGB;
  case FCN_COLOR_RGB_ALPHA: return PNG_COLOR_TYPE_RGB_ALPHA;
  default: return PNG_COLOR_TYPE_PALETTE;
  }
}

static void set_palette(png_writer *writer, const fcn_png_image *image) {
  png_color colors[256];
  if (image->palette_count < 1 || image->palette_count > 256) png_error(writer->png, "a palette has 1 to 256 colours");
  for (int i = 0; i < image->palette_count; i++) {
    colors[i].red = image->palette[3 * i];
    colors[i].green = image->palette[3 * i + 1];
    colors[i].blue = image->palette[3 * i + 2];
  }
  png_set_PLTE(writer->png, writer->info, colors, image->palette_count);
  if (image->palette_alpha_count > 0) {
    png_set_tRNS(writer->png, writer->info, image->palette_alpha, image->palette_alpha_count, NULL);
  }
}

static void set_texts(png_writer *writer, const fcn_png_image *image) {
  for (int i = 0; i < image->text_count; i++) {
    png_text text;
    memset(&text, 0, sizeof text);
    text.compression = image->texts[i].is_utf8 ? PNG_ITXT_COMPRESSION_NONE : PNG_TEXT_COMPRESSION_NONE;
    text.key = (char *)image->texts[i].key;
    text.text = (char *)image->texts[i].value;
    png_set_text(writer->png, writer->info, &text, 1);
  }
}

static void write_png(png_writer *writer, const fcn_png_image *image) {
  writer->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, writer, on_error, on_warning);
  if (writer->png) writer->info = png_create_info_struct(writer->png);
  if (!writer->info) {
    writer->out_of_memory = 1;
    longjmp(writer->jump, 1);
  }
  png_structp png = writer->png;
  png_set_write_fn(png, writer, on_write, on_flush);
  png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
  png_set_IHDR(png, writer->info, image->width, image->height, image->bits, color_type_of(image->color),
               image->is_interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_set_compression_level(png, image->level);
  if (image->is_run_length) png_set_compression_strategy(png, Z_RLE);
  png_set_filter(png, PNG_FILTER_TYPE_BASE, image->color == FCN_COLOR_INDEXED ? PNG_FILTER_NONE : PNG_FILTER_PAETH);
  if (image->color == FCN_COLOR_INDEXED) set_palette(writer, image);
  set_texts(writer, image);
  png_write_info(png, writer->info);
  if (image->bits < 8) png_set_packing(png);
  if (image->bits == 16 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) png_set_swap(png);
  int channels = image->color == FCN_COLOR_INDEXED ? 1 : image->color;
  size_t row = (size_t)image->width * (size_t)channels * (image->bits == 16 ? 2 : 1);
  int passes = image->is_interlaced ? png_set_interlace_handling(png) : 1;
  for (int pass = 0; pass < passes; pass++) {
    for (uint32_t y = 0; y < image->height; y++) png_write_row(png, (png_const_bytep)image->samples + (size_t)y * row);
  }
  png_write_end(png, NULL);
}

static int guarded(png_writer *writer, const fcn_png_image *image) {
  if (setjmp(writer->jump)) return writer->out_of_memory ? FCN_CODEC_MEMORY : FCN_CODEC_UNSUPPORTED;
  write_png(writer, image);
  return FCN_CODEC_OK;
}

int fcn_png_encode(const fcn_png_image *image, uint8_t **output, size_t *size, char *message) {
  png_writer writer = {.message = message};
  message[0] = 0;
  int status = guarded(&writer, image);
  if (writer.png) png_destroy_write_struct(&writer.png, &writer.info);
  if (status != FCN_CODEC_OK) {
    free(writer.output.bytes);
    return status;
  }
  *output = writer.output.bytes;
  *size = writer.output.count;
  return FCN_CODEC_OK;
}
