#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

#include "fcn_codecs.h"
#include "growing_buffer.h"

// A progressive file repeats scans over the whole picture; more than this is an attack on the decoder's time.
enum { MAX_SCANS = 500 };

typedef struct {
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr errors;
  struct jpeg_progress_mgr progress;
  jmp_buf jump;
  int status;
  char *message;
} jpeg_reader;

static void fail(jpeg_reader *reader, int status, const char *text) {
  reader->status = status;
  fcn_set_message(reader->message, text);
  longjmp(reader->jump, 1);
}

static void on_error(j_common_ptr common) {
  jpeg_reader *reader = common->client_data;
  char text[JMSG_LENGTH_MAX];
  common->err->format_message(common, text);
  fail(reader, common->err->msg_code == JERR_OUT_OF_MEMORY ? FCN_CODEC_MEMORY : FCN_CODEC_DAMAGED, text);
}

// libjpeg goes on after damaged data with grey blocks and a warning; here that is an error.
static void on_message(j_common_ptr common, int level) {
  if (level >= 0) return;
  switch (common->err->msg_code) {
  case JWRN_JPEG_EOF:
  case JWRN_HIT_MARKER:
  case JWRN_HUFF_BAD_CODE:
  case JWRN_ARITH_BAD_CODE:
  case JWRN_MUST_RESYNC:
  case JWRN_BOGUS_PROGRESSION: on_error(common); break;
  default: break;
  }
}

static void on_output(j_common_ptr common) { (void)common; }

static void on_progress(j_common_ptr common) {
  jpeg_reader *reader = common->client_data;
  if (reader->jpeg.input_scan_number > MAX_SCANS) fail(reader, FCN_CODEC_DAMAGED, "too many scans");
}

static void open_jpeg(jpeg_reader *reader, const uint8_t *bytes, size_t count) {
  jpeg_create_decompress(&reader->jpeg);
  reader->jpeg.progress = &reader->progress;
  jpeg_mem_src(&reader->jpeg, bytes, count);
  jpeg_read_header(&reader->jpeg, TRUE);
  switch (reader->jpeg.jpeg_color_space) {
  case JCS_GRAYSCALE: reader->jpeg.out_color_space = JCS_GRAYSCALE; break;
  case JCS_YCbCr:
  case JCS_RGB: reader->jpeg.out_color_space = JCS_RGB; break;
  case JCS_CMYK:
  case JCS_YCCK:
    fail(reader, FCN_CODEC_UNSUPPORTED, "CMYK and YCCK pictures are not supported, convert to RGB or grey");
  default: fail(reader, FCN_CODEC_UNSUPPORTED, "unknown colour space, expected grey, YCbCr or RGB");
  }
}

static void describe(jpeg_reader *reader, fcn_picture_header *header) {
  int is_grey = reader->jpeg.out_color_space == JCS_GRAYSCALE;
  header->width = reader->jpeg.image_width;
  header->height = reader->jpeg.image_height;
  header->color = is_grey ? FCN_COLOR_GREY : FCN_COLOR_RGB;
  header->stored_bits = 8;
  header->channels = is_grey ? 1 : 3;
  header->sample_bits = 8;
  header->has_alpha = 0;
}

static void read_samples(jpeg_reader *reader, uint8_t *samples, size_t size) {
  struct jpeg_decompress_struct *jpeg = &reader->jpeg;
  jpeg_start_decompress(jpeg);
  size_t row = (size_t)jpeg->output_width * (size_t)jpeg->output_components;
  if (size / row != jpeg->output_height || size % row != 0) {
    fail(reader, FCN_CODEC_DAMAGED, "buffer of the wrong size");
  }
  while (jpeg->output_scanline < jpeg->output_height) {
    JSAMPROW rows[8];
    JDIMENSION first = jpeg->output_scanline;
    JDIMENSION count = jpeg->output_height - first < 8 ? jpeg->output_height - first : 8;
    for (JDIMENSION i = 0; i < count; i++) rows[i] = samples + (size_t)(first + i) * row;
    jpeg_read_scanlines(jpeg, rows, count);
  }
  jpeg_finish_decompress(jpeg);
}

static int guarded(jpeg_reader *reader, const uint8_t *bytes, size_t count, fcn_picture_header *header,
                   uint8_t *samples, size_t size) {
  if (setjmp(reader->jump)) return reader->status;
  open_jpeg(reader, bytes, count);
  if (header) describe(reader, header);
  if (samples) read_samples(reader, samples, size);
  return FCN_CODEC_OK;
}

static int read_jpeg(const uint8_t *bytes, size_t count, fcn_picture_header *header, uint8_t *samples, size_t size,
                     char *message) {
  jpeg_reader reader;
  memset(&reader, 0, sizeof reader);
  message[0] = 0;
  reader.message = message;
  reader.jpeg.err = jpeg_std_error(&reader.errors);
  reader.jpeg.client_data = &reader;
  reader.errors.error_exit = on_error;
  reader.errors.emit_message = on_message;
  reader.errors.output_message = on_output;
  reader.progress.progress_monitor = on_progress;
  int status = guarded(&reader, bytes, count, header, samples, size);
  jpeg_destroy_decompress(&reader.jpeg);
  return status;
}

int fcn_jpeg_header(const uint8_t *bytes, size_t count, fcn_picture_header *header, char *message) {
  return read_jpeg(bytes, count, header, NULL, 0, message);
}

int fcn_jpeg_decode(const uint8_t *bytes, size_t count, void *samples, size_t size, char *message) {
  return read_jpeg(bytes, count, NULL, samples, size, message);
}
