#ifndef FCN_GROWING_BUFFER_H
#define FCN_GROWING_BUFFER_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint8_t *bytes;
  size_t count, capacity;
} fcn_growing_buffer;

// Room for `extra` more bytes after `count`; 0 if memory could not be had (the content stays).
int fcn_buffer_reserve(fcn_growing_buffer *buffer, size_t extra);

// Copies at most FCN_CODEC_MESSAGE − 1 bytes.
void fcn_set_message(char *message, const char *text);

#endif
