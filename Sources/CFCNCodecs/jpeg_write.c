#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

#include "fcn_codecs.h"
#include "growing_buffer.h"

typedef struct {
  struct jpeg_compress_struct jpeg;
  struct jpeg_error_mgr errors;
  struct jpeg_destination_mgr destination;
  jmp_buf jump;
  fcn_growing_buffer output;
  int out_of_memory;
  char *message;
} jpeg_writer;

static void on_error(j_common_ptr common) {
  jpeg_writer *writer = common->client_data;
  char text[JMSG_LENGTH_MAX];
  common->err->format_message(common, text);
  fcn_set_message(writer->message, text);
  if (common->err->msg_code == JERR_OUT_OF_MEMORY) writer->out_of_memory = 1;
  longjmp(writer->jump, 1);
}

static void on_message(j_common_ptr common, int level) {
  (void)common;
  (void)level;
}

static void on_output(j_common_ptr common) { (void)common; }

static void offer_space(j_compress_ptr jpeg) {
  jpeg_writer *writer = jpeg->client_data;
  if (!fcn_buffer_reserve(&writer->output, 65536)) ERREXIT1(jpeg, JERR_OUT_OF_MEMORY, 0);
  writer->destination.next_output_byte = writer->output.bytes + writer->output.count;
  writer->destination.free_in_buffer = writer->output.capacity - writer->output.count;
}

// libjpeg calls this when the whole space is used, whatever free_in_buffer says.
static boolean on_full(j_compress_ptr jpeg) {
  jpeg_writer *writer = jpeg->client_data;
  writer->output.count = writer->output.capacity;
  offer_space(jpeg);
  return TRUE;
}

static void on_end(j_compress_ptr jpeg) {
  jpeg_writer *writer = jpeg->client_data;
  writer->output.count = writer->output.capacity - writer->destination.free_in_buffer;
}

static void write_jpeg(jpeg_writer *writer, const uint8_t *samples, uint32_t width, uint32_t height, int channels,
                       int quality, int full_chroma) {
  struct jpeg_compress_struct *jpeg = &writer->jpeg;
  jpeg_create_compress(jpeg);
  jpeg->dest = &writer->destination;
  jpeg->image_width = width;
  jpeg->image_height = height;
  jpeg->input_components = channels;
  jpeg->in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(jpeg);
  jpeg_set_quality(jpeg, quality, TRUE);
  if (channels == 3) {
    jpeg->comp_info[0].h_samp_factor = full_chroma ? 1 : 2;
    jpeg->comp_info[0].v_samp_factor = full_chroma ? 1 : 2;
  }
  jpeg_start_compress(jpeg, TRUE);
  size_t row = (size_t)width * (size_t)channels;
  while (jpeg->next_scanline < jpeg->image_height) {
    JSAMPROW pointer = (JSAMPROW)(samples + (size_t)jpeg->next_scanline * row);
    jpeg_write_scanlines(jpeg, &pointer, 1);
  }
  jpeg_finish_compress(jpeg);
}

static int guarded(jpeg_writer *writer, const uint8_t *samples, uint32_t width, uint32_t height, int channels,
                   int quality, int full_chroma) {
  if (setjmp(writer->jump)) return writer->out_of_memory ? FCN_CODEC_MEMORY : FCN_CODEC_UNSUPPORTED;
  write_jpeg(writer, samples, width, height, channels, quality, full_chroma);
  return FCN_CODEC_OK;
}

int fcn_jpeg_encode(const uint8_t *samples, uint32_t width, uint32_t height, int channels, int quality, int full_chroma,
                    uint8_t **output, size_t *size, char *message) {
  jpeg_writer writer;
  memset(&writer, 0, sizeof writer);
  message[0] = 0;
  writer.message = message;
  writer.jpeg.err = jpeg_std_error(&writer.errors);
  writer.jpeg.client_data = &writer;
  writer.errors.error_exit = on_error;
  writer.errors.emit_message = on_message;
  writer.errors.output_message = on_output;
  writer.destination.init_destination = offer_space;
  writer.destination.empty_output_buffer = on_full;
  writer.destination.term_destination = on_end;
  int status = guarded(&writer, samples, width, height, channels, quality, full_chroma);
  jpeg_destroy_compress(&writer.jpeg);
  if (status != FCN_CODEC_OK) {
    free(writer.output.bytes);
    return status;
  }
  *output = writer.output.bytes;
  *size = writer.output.count;
  return FCN_CODEC_OK;
}
