// Vulkan, opened at run time: a table of functions, and builders for the structures that are awkward in Swift.
// C builds the structures; lifetime and policy are with the caller.
#pragma once

#ifndef VK_NO_PROTOTYPES
#define VK_NO_PROTOTYPES
#endif
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vulkan/vulkan_core.h>

#define FCN_VK_GLOBAL_FUNCTIONS(X)                                                                                     \
  X(EnumerateInstanceExtensionProperties)                                                                             \
  X(EnumerateInstanceLayerProperties)                                                                                 \
  X(CreateInstance)

#define FCN_VK_INSTANCE_FUNCTIONS(X)                                                                                   \
  X(DestroyInstance)                                                                                                  \
  X(EnumeratePhysicalDevices)                                                                                         \
  X(GetPhysicalDeviceProperties)                                                                                      \
  X(GetPhysicalDeviceProperties2)                                                                                     \
  X(GetPhysicalDeviceFeatures)                                                                                        \
  X(GetPhysicalDeviceMemoryProperties)                                                                                \
  X(GetPhysicalDeviceMemoryProperties2)                                                                               \
  X(GetPhysicalDeviceQueueFamilyProperties)                                                                           \
  X(EnumerateDeviceExtensionProperties)                                                                               \
  X(CreateDevice)                                                                                                     \
  X(GetDeviceProcAddr)

#define FCN_VK_DEVICE_FUNCTIONS(X)                                                                                     \
  X(DestroyDevice)                                                                                                    \
  X(GetDeviceQueue)                                                                                                   \
  X(QueueSubmit)                                                                                                      \
  X(CreateFence)                                                                                                      \
  X(DestroyFence)                                                                                                     \
  X(ResetFences)                                                                                                      \
  X(WaitForFences)                                                                                                    \
  X(CreateBuffer)                                                                                                     \
  X(DestroyBuffer)                                                                                                    \
  X(CreateBufferView)                                                                                                 \
  X(DestroyBufferView)                                                                                                \
  X(GetBufferMemoryRequirements)                                                                                      \
  X(AllocateMemory)                                                                                                   \
  X(FreeMemory)                                                                                                       \
  X(BindBufferMemory)                                                                                                 \
  X(MapMemory)                                                                                                        \
  X(UnmapMemory)                                                                                                      \
  X(CreateShaderModule)                                                                                               \
  X(DestroyShaderModule)                                                                                              \
  X(CreateDescriptorSetLayout)                                                                                        \
  X(DestroyDescriptorSetLayout)                                                                                       \
  X(CreatePipelineLayout)                                                                                             \
  X(DestroyPipelineLayout)                                                                                            \
  X(CreatePipelineCache)                                                                                              \
  X(DestroyPipelineCache)                                                                                             \
  X(GetPipelineCacheData)                                                                                             \
  X(CreateComputePipelines)                                                                                           \
  X(DestroyPipeline)                                                                                                  \
  X(CreateDescriptorPool)                                                                                             \
  X(DestroyDescriptorPool)                                                                                            \
  X(AllocateDescriptorSets)                                                                                           \
  X(UpdateDescriptorSets)                                                                                             \
  X(CreateCommandPool)                                                                                                \
  X(DestroyCommandPool)                                                                                               \
  X(AllocateCommandBuffers)                                                                                           \
  X(BeginCommandBuffer)                                                                                               \
  X(EndCommandBuffer)                                                                                                 \
  X(CmdBindPipeline)                                                                                                  \
  X(CmdBindDescriptorSets)                                                                                            \
  X(CmdPushConstants)                                                                                                 \
  X(CmdDispatch)                                                                                                      \
  X(CmdPipelineBarrier)                                                                                               \
  X(CmdCopyBuffer)                                                                                                    \
  X(CmdFillBuffer)                                                                                                    \
  X(CmdWriteTimestamp)                                                                                                \
  X(CmdResetQueryPool)                                                                                                \
  X(CreateQueryPool)                                                                                                  \
  X(DestroyQueryPool)                                                                                                 \
  X(GetQueryPoolResults)

// Every entry may be replaced, which tests do.
typedef struct fcn_vk {
  PFN_vkGetInstanceProcAddr GetInstanceProcAddr;
  // NULL with a loader of Vulkan 1.0.
  PFN_vkEnumerateInstanceVersion EnumerateInstanceVersion;
#define FCN_VK_ENTRY(name) PFN_vk##name name;
  FCN_VK_GLOBAL_FUNCTIONS(FCN_VK_ENTRY)
  FCN_VK_INSTANCE_FUNCTIONS(FCN_VK_ENTRY)
  FCN_VK_DEVICE_FUNCTIONS(FCN_VK_ENTRY)
#undef FCN_VK_ENTRY
  // NULL without VK_EXT_debug_utils.
  PFN_vkCreateDebugUtilsMessengerEXT CreateDebugUtilsMessengerEXT;
  PFN_vkDestroyDebugUtilsMessengerEXT DestroyDebugUtilsMessengerEXT;
} fcn_vk;

// What the validation layer says; shared with its callback.
typedef struct fcn_vk_messages fcn_vk_messages;
fcn_vk_messages *fcn_vk_messages_create(void);
void fcn_vk_messages_destroy(fcn_vk_messages *messages);
size_t fcn_vk_messages_count(fcn_vk_messages *messages);
// Copies the first message since the last reset, at most `size` bytes with the zero.
void fcn_vk_messages_first(fcn_vk_messages *messages, char *text, size_t size);
void fcn_vk_messages_reset(fcn_vk_messages *messages);

// NULL where none of the names can be opened. `name`: NULL for the platform's names.
void *fcn_vk_open(const char *name);
void fcn_vk_close(void *library);
// False where the library is no Vulkan loader.
bool fcn_vk_load(fcn_vk *vk, void *library);

// `messages` not NULL: with the validation layer, synchronization validation on, and a messenger; then
// VK_ERROR_LAYER_NOT_PRESENT where it is not installed.
VkResult fcn_vk_create_instance(fcn_vk *vk, fcn_vk_messages *messages, VkInstance *instance,
                                VkDebugUtilsMessengerEXT *messenger);

typedef struct fcn_vk_device_info {
  char name[VK_MAX_PHYSICAL_DEVICE_NAME_SIZE];
  char driver[VK_MAX_DRIVER_NAME_SIZE];
  char driver_text[VK_MAX_DRIVER_INFO_SIZE];
  VkPhysicalDeviceType type;
  uint32_t api_version, driver_version, vendor, device;
  uint8_t device_uuid[VK_UUID_SIZE];
  uint8_t cache_uuid[VK_UUID_SIZE];
  VkPhysicalDeviceLimits limits;
  uint32_t subgroup_size;
  VkSubgroupFeatureFlags subgroup_operations;
  VkShaderStageFlags subgroup_stages;
  uint64_t max_allocation;
  // 0 where the driver does not say.
  uint64_t max_buffer;
  VkPhysicalDeviceMemoryProperties memory;
  VkBool32 robust_buffer_access;
  // The family that computes, without graphics if there is one; UINT32_MAX: none.
  uint32_t queue_family;
  uint32_t timestamp_bits;
} fcn_vk_device_info;

void fcn_vk_describe(const fcn_vk *vk, VkPhysicalDevice device, fcn_vk_device_info *info);

// Bytes of a heap that this process may still take, by VK_EXT_memory_budget; false where the driver does not say.
bool fcn_vk_heap_budget(const fcn_vk *vk, VkPhysicalDevice device, uint32_t heap, uint64_t *bytes);

// One queue; `robust`: with robustBufferAccess.
VkResult fcn_vk_create_device(fcn_vk *vk, VkPhysicalDevice physical, uint32_t family, bool robust, VkDevice *device);

VkResult fcn_vk_create_buffer(const fcn_vk *vk, VkDevice device, uint64_t size, VkBuffer *buffer);
VkResult fcn_vk_allocate(const fcn_vk *vk, VkDevice device, uint64_t size, uint32_t type, VkDeviceMemory *memory);
VkResult fcn_vk_create_fence(const fcn_vk *vk, VkDevice device, VkFence *fence);
VkResult fcn_vk_create_shader(const fcn_vk *vk, VkDevice device, const void *code, size_t bytes,
                              VkShaderModule *shader);
// A view of four floats an element.
VkResult fcn_vk_create_view(const fcn_vk *vk, VkDevice device, VkBuffer buffer, uint64_t offset, uint64_t range,
                            VkBufferView *view);
// Bindings 0…: first `texels` uniform texel buffers, the rest of `bindings` storage buffers.
VkResult fcn_vk_create_set_layout(const fcn_vk *vk, VkDevice device, uint32_t texels, uint32_t bindings,
                                  VkDescriptorSetLayout *layout);
VkResult fcn_vk_create_pipeline_layout(const fcn_vk *vk, VkDevice device, VkDescriptorSetLayout set,
                                       uint32_t push_bytes, VkPipelineLayout *layout);
VkResult fcn_vk_create_pipeline_cache(const fcn_vk *vk, VkDevice device, const void *data, size_t bytes,
                                      VkPipelineCache *cache);
// Specialization constants `ids[i]` = `values[i]`, 32 bits each.
VkResult fcn_vk_create_pipeline(const fcn_vk *vk, VkDevice device, VkPipelineCache cache, VkPipelineLayout layout,
                                VkShaderModule shader, const uint32_t *ids, const uint32_t *values, size_t count,
                                VkPipeline *pipeline);
VkResult fcn_vk_create_descriptor_pool(const fcn_vk *vk, VkDevice device, uint32_t sets, uint32_t texels,
                                       uint32_t bindings, VkDescriptorPool *pool);
VkResult fcn_vk_allocate_set(const fcn_vk *vk, VkDevice device, VkDescriptorPool pool, VkDescriptorSetLayout layout,
                             VkDescriptorSet *set);
// Bindings 0…: first `texels` views, then the buffers of the rest.
void fcn_vk_write_set(const fcn_vk *vk, VkDevice device, VkDescriptorSet set, const VkBufferView *views,
                      uint32_t texels, const VkDescriptorBufferInfo *buffers, uint32_t count);
VkResult fcn_vk_create_command_pool(const fcn_vk *vk, VkDevice device, uint32_t family, VkCommandPool *pool);
VkResult fcn_vk_allocate_commands(const fcn_vk *vk, VkDevice device, VkCommandPool pool, VkCommandBuffer *buffer);
VkResult fcn_vk_begin(const fcn_vk *vk, VkCommandBuffer buffer);
// One global memory barrier.
void fcn_vk_barrier(const fcn_vk *vk, VkCommandBuffer buffer, VkPipelineStageFlags from_stage, VkAccessFlags from,
                    VkPipelineStageFlags to_stage, VkAccessFlags to);
VkResult fcn_vk_submit(const fcn_vk *vk, VkQueue queue, VkCommandBuffer buffer, VkFence fence);
VkResult fcn_vk_create_timestamps(const fcn_vk *vk, VkDevice device, uint32_t count, VkQueryPool *pool);
