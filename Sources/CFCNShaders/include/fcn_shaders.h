#ifndef FCN_SHADERS_H
#define FCN_SHADERS_H

#include <stddef.h>
#include <stdint.h>

/* A SPIR-V module of a compute shader with entry point "main"; Shaders/README.md says what each one computes. */
typedef struct {
  const char *name;
  const uint32_t *words;
  /* Multiple of 4. */
  size_t byte_count;
} fcn_shader;

size_t fcn_shader_count(void);
/* index < fcn_shader_count(); by name. */
const fcn_shader *fcn_shader_at(size_t index);
/* NULL if there is none. */
const fcn_shader *fcn_shader_named(const char *name);

#endif
