// The push block and the specialization constants that all shaders share. Extents and origins are elements, channels
// are counted in blocks of 4 ("quads"); 32 words, 128 bytes.
#ifndef PARAMS_GLSL
#define PARAMS_GLSL

layout(push_constant) uniform Params {
  int n, c4, d, h, w;   //  0-4  extents of the box of the output that is computed; dst is held as exactly this box
  int d0, h0, w0, c0;   //  5-8  its origin in the whole output; c0: first channel block
  int sc4, sd, sh, sw;  //  9-12 extents of the held source
  int sd0, sh0, sw0;    // 13-15 its origin in the whole source
  int sc0;              // 16    its first channel block
  int id, ih, iw;       // 17-19 extents of the whole source image
  int channels;         // 20    channels of the whole output; lanes beyond hold finite values
  int base;             // 21    added to gl_WorkGroupID.x: a dispatch that needs more than 65535 groups is split
  float a, b;           // 22-23 parameters of the activation or function
  int x0, x1, x2, x3, x4, x5, x6, x7;  // 24-31 free for each shader
} p;

layout(constant_id = 0) const int KH = 1;   // kernel
layout(constant_id = 1) const int KW = 1;
layout(constant_id = 2) const int SH = 1;   // stride
layout(constant_id = 3) const int SW = 1;
layout(constant_id = 4) const int PT = 0;   // pads before the image: top, left; pads after it are in the extents
layout(constant_id = 5) const int PL = 0;
layout(constant_id = 6) const int DH = 1;   // dilation
layout(constant_id = 7) const int DW = 1;
layout(constant_id = 8) const int ACT = 0;  // activation.glsl
layout(constant_id = 9) const int RESIDUAL = 0;
layout(constant_id = 10) const int OP = 0;
layout(constant_id = 11) const int KD = 1;
layout(constant_id = 12) const int SD = 1;
layout(constant_id = 13) const int PF = 0;  // pad before the image: front
layout(constant_id = 14) const int DD = 1;
layout(constant_id = 15) const int FLAGS = 0;

#endif
