#include "growing_buffer.h"

#include <stdlib.h>
#include <string.h>

#include "fcn_codecs.h"

int fcn_buffer_reserve(fcn_growing_buffer *buffer, size_t extra) {
  if (extra <= buffer->capacity - buffer->count) return 1;
  if (extra > SIZE_MAX / 4 || buffer->capacity > SIZE_MAX / 4) return 0;
  size_t capacity = buffer->capacity + buffer->capacity / 2 + 65536;
  if (capacity < buffer->count + extra) capacity = buffer->count + extra;
  uint8_t *bytes = realloc(buffer->bytes, capacity);
  if (!bytes) return 0;
  buffer->bytes = bytes;
  buffer->capacity = capacity;
  return 1;
}

void fcn_set_message(char *message, const char *text) {
  size_t length = strlen(text);
  if (length > FCN_CODEC_MESSAGE - 1) length = FCN_CODEC_MESSAGE - 1;
  memcpy(message, text, length);
  message[length] = 0;
}

void fcn_codec_free(uint8_t *output) { free(output); }
