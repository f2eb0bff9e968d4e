#include "fcn_vulkan.h"

VkResult fcn_vk_create_buffer(const fcn_vk *vk, VkDevice device, uint64_t size, VkBuffer *buffer) {
  VkBufferCreateInfo info = {
      .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
      .size = size,
      .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_UNIFORM_TEXEL_BUFFER_BIT |
               VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT,
      .sharingMode = VK_SHARING_MODE_EXCLUSIVE,
  };
  return vk->CreateBuffer(device, &info, NULL, buffer);
}

VkResult fcn_vk_allocate(const fcn_vk *vk, VkDevice device, uint64_t size, uint32_t type, VkDeviceMemory *memory) {
  VkMemoryAllocateInfo info = {
      .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, .allocationSize = size, .memoryTypeIndex = type};
  return vk->AllocateMemory(device, &info, NULL, memory);
}

VkResult fcn_vk_create_fence(const fcn_vk *vk, VkDevice device, VkFence *fence) {
  VkFenceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO};
  return vk->CreateFence(device, &info, NULL, fence);
}

VkResult fcn_vk_create_shader(const fcn_vk *vk, VkDevice device, const void *code, size_t bytes,
                              VkShaderModule *shader) {
  VkShaderModuleCreateInfo info = {
      .sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO, .codeSize = bytes, .pCode = code};
  return vk->CreateShaderModule(device, &info, NULL, shader);
}

enum { LARGEST_BINDING_COUNT = 16, LARGEST_CONSTANT_COUNT = 64 };

VkResult fcn_vk_create_view(const fcn_vk *vk, VkDevice device, VkBuffer buffer, uint64_t offset, uint64_t range,
                            VkBufferView *view) {
  VkBufferViewCreateInfo info = {.sType = VK_STRUCTURE_TYPE_BUFFER_VIEW_CREATE_INFO,
                                 .buffer = buffer,
                                 .format = VK_FORMAT_R32G32B32A32_SFLOAT,
                                 .offset = offset,
                                 .range = range};
  return vk->CreateBufferView(device, &info, NULL, view);
}

static VkDescriptorType type_of(uint32_t binding, uint32_t texels) {
  return binding < texels ? VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER : VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
}

VkResult fcn_vk_create_set_layout(const fcn_vk *vk, VkDevice device, uint32_t texels, uint32_t bindings,
                                  VkDescriptorSetLayout *layout) {
  if (bindings > LARGEST_BINDING_COUNT) return VK_ERROR_INITIALIZATION_FAILED;
  VkDescriptorSetLayoutBinding list[LARGEST_BINDING_COUNT];
  for (uint32_t i = 0; i < bindings; i++)
    list[i] = (VkDescriptorSetLayoutBinding){.binding = i,
                                             .descriptorType = type_of(i, texels),
                                             .descriptorCount = 1,
                                             .stageFlags = VK_SHADER_STAGE_COMPUTE_BIT};
  VkDescriptorSetLayoutCreateInfo info = {.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
                                          .bindingCount = bindings,
                                          .pBindings = list};
  return vk->CreateDescriptorSetLayout(device, &info, NULL, layout);
}

VkResult fcn_vk_create_pipeline_layout(const fcn_vk *vk, VkDevice device, VkDescriptorSetLayout set,
                                       uint32_t push_bytes, VkPipelineLayout *layout) {
  VkPushConstantRange range = {.stageFlags = VK_SHADER_STAGE_COMPUTE_BIT, .size = push_bytes};
  VkPipelineLayoutCreateInfo info = {
      .sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
      .setLayoutCount = 1,
      .pSetLayouts = &set,
      .pushConstantRangeCount = 1,
      .pPushConstantRanges = &range,
  };
  return vk->CreatePipelineLayout(device, &info, NULL, layout);
}

VkResult fcn_vk_create_pipeline_cache(const fcn_vk *vk, VkDevice device, const void *data, size_t bytes,
                                      VkPipelineCache *cache) {
  VkPipelineCacheCreateInfo info = {
      .sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO, .initialDataSize = bytes, .pInitialData = data};
  return vk->CreatePipelineCache(device, &info, NULL, cache);
}

VkResult fcn_vk_create_pipeline(const fcn_vk *vk, VkDevice device, VkPipelineCache cache, VkPipelineLayout layout,
                                VkShaderModule shader, const uint32_t *ids, const uint32_t *values, size_t count,
                                VkPipeline *pipeline) {
  if (count > LARGEST_CONSTANT_COUNT) return VK_ERROR_INITIALIZATION_FAILED;
  VkSpecializationMapEntry entries[LARGEST_CONSTANT_COUNT];
  for (size_t i = 0; i < count; i++)
    entries[i] = (VkSpecializationMapEntry){.constantID = ids[i], .offset = (uint32_t)(i * 4), .size = 4};
  VkSpecializationInfo constants = {
      .mapEntryCount = (uint32_t)count, .pMapEntries = entries, .dataSize = count * 4, .pData = values};
  VkComputePipelineCreateInfo info = {
      .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
      .stage = {.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
                .stage = VK_SHADER_STAGE_COMPUTE_BIT,
                .module = shader,
                .pName = "main",
                .pSpecializationInfo = &constants},
      .layout = layout,
      .basePipelineIndex = -1,
  };
  return vk->CreateComputePipelines(device, cache, 1, &info, NULL, pipeline);
}

VkResult fcn_vk_create_descriptor_pool(const fcn_vk *vk, VkDevice device, uint32_t sets, uint32_t texels,
                                       uint32_t bindings, VkDescriptorPool *pool) {
  VkDescriptorPoolSize sizes[] = {
      {.type = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, .descriptorCount = bindings},
      {.type = VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER, .descriptorCount = texels},
  };
  VkDescriptorPoolCreateInfo info = {.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
                                     .maxSets = sets,
                                     .poolSizeCount = texels ? 2 : 1,
                                     .pPoolSizes = sizes};
  return vk->CreateDescriptorPool(device, &info, NULL, pool);
}

VkResult fcn_vk_allocate_set(const fcn_vk *vk, VkDevice device, VkDescriptorPool pool, VkDescriptorSetLayout layout,
                             VkDescriptorSet *set) {
  VkDescriptorSetAllocateInfo info = {.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO,
                                      .descriptorPool = pool,
                                      .descriptorSetCount = 1,
                                      .pSetLayouts = &layout};
  return vk->AllocateDescriptorSets(device, &info, set);
}

void fcn_vk_write_set(const fcn_vk *vk, VkDevice device, VkDescriptorSet set, const VkBufferView *views,
                      uint32_t texels, const VkDescriptorBufferInfo *buffers, uint32_t count) {
  VkWriteDescriptorSet writes[LARGEST_BINDING_COUNT];
  if (count > LARGEST_BINDING_COUNT) return;
  for (uint32_t i = 0; i < count; i++)
    writes[i] = (VkWriteDescriptorSet){.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
                                       .dstSet = set,
                                       .dstBinding = i,
                                       .descriptorCount = 1,
                                       .descriptorType = type_of(i, texels),
                                       .pBufferInfo = i < texels ? NULL : &buffers[i - texels],
                                       .pTexelBufferView = i < texels ? &views[i] : NULL};
  vk->UpdateDescriptorSets(device, count, writes, 0, NULL);
}

VkResult fcn_vk_create_command_pool(const fcn_vk *vk, VkDevice device, uint32_t family, VkCommandPool *pool) {
  VkCommandPoolCreateInfo info = {.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO, .queueFamilyIndex = family};
  return vk->CreateCommandPool(device, &info, NULL, pool);
}

VkResult fcn_vk_allocate_commands(const fcn_vk *vk, VkDevice device, VkCommandPool pool, VkCommandBuffer *buffer) {
  VkCommandBufferAllocateInfo info = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
                                      .commandPool = pool,
                                      .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
                                      .commandBufferCount = 1};
  return vk->AllocateCommandBuffers(device, &info, buffer);
}

VkResult fcn_vk_begin(const fcn_vk *vk, VkCommandBuffer buffer) {
  VkCommandBufferBeginInfo info = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO};
  return vk->BeginCommandBuffer(buffer, &info);
}

void fcn_vk_barrier(const fcn_vk *vk, VkCommandBuffer buffer, VkPipelineStageFlags from_stage, VkAccessFlags from,
                    VkPipelineStageFlags to_stage, VkAccessFlags to) {
  VkMemoryBarrier barrier = {.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER, .srcAccessMask = from, .dstAccessMask = to};
  vk->CmdPipelineBarrier(buffer, from_stage, to_stage, 0, 1, &barrier, 0, NULL, 0, NULL);
}

VkResult fcn_vk_submit(const fcn_vk *vk, VkQueue queue, VkCommandBuffer buffer, VkFence fence) {
  VkSubmitInfo info = {.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO, .commandBufferCount = 1, .pCommandBuffers = &buffer};
  return vk->QueueSubmit(queue, 1, &info, fence);
}

VkResult fcn_vk_create_timestamps(const fcn_vk *vk, VkDevice device, uint32_t count, VkQueryPool *pool) {
  VkQueryPoolCreateInfo info = {.sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO,
                                .queryType = VK_QUERY_TYPE_TIMESTAMP,
                                .queryCount = count};
  return vk->CreateQueryPool(device, &info, NULL, pool);
}
