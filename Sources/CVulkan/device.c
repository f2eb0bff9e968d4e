#include "fcn_vulkan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool has_extension(const fcn_vk *vk, VkPhysicalDevice device, const char *name) {
  uint32_t count = 0;
  if (vk->EnumerateDeviceExtensionProperties(device, NULL, &count, NULL) != VK_SUCCESS || count == 0) return false;
  VkExtensionProperties *list = calloc(count, sizeof *list);
  bool found = false;
  if (list && vk->EnumerateDeviceExtensionProperties(device, NULL, &count, list) >= VK_SUCCESS)
    for (uint32_t i = 0; i < count; i++) found |= strcmp(list[i].extensionName, name) == 0;
  free(list);
  return found;
}

static void find_queue(const fcn_vk *vk, VkPhysicalDevice device, fcn_vk_device_info *info) {
  info->queue_family = UINT32_MAX;
  uint32_t count = 0;
  vk->GetPhysicalDeviceQueueFamilyProperties(device, &count, NULL);
  VkQueueFamilyProperties *families = calloc(count ? count : 1, sizeof *families);
  if (!families) return;
  vk->GetPhysicalDeviceQueueFamilyProperties(device, &count, families);
  for (uint32_t i = count; i-- > 0;) {
    if (!(families[i].queueFlags & VK_QUEUE_COMPUTE_BIT) || families[i].queueCount == 0) continue;
    bool apart = !(families[i].queueFlags & VK_QUEUE_GRAPHICS_BIT);
    bool taken = info->queue_family != UINT32_MAX &&
                 !(families[info->queue_family].queueFlags & VK_QUEUE_GRAPHICS_BIT);
    if (apart || !taken) {
      info->queue_family = i;
      info->timestamp_bits = families[i].timestampValidBits;
    }
  }
  free(families);
}

void fcn_vk_describe(const fcn_vk *vk, VkPhysicalDevice device, fcn_vk_device_info *info) {
  memset(info, 0, sizeof *info);
  VkPhysicalDeviceProperties plain;
  vk->GetPhysicalDeviceProperties(device, &plain);
  VkPhysicalDeviceMaintenance4Properties maintenance4 = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_4_PROPERTIES};
  VkPhysicalDeviceDriverProperties driver = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES};
  VkPhysicalDeviceMaintenance3Properties maintenance3 = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_3_PROPERTIES};
  VkPhysicalDeviceIDProperties identity = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES,
                                           .pNext = &maintenance3};
  VkPhysicalDeviceSubgroupProperties subgroup = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES,
                                                 .pNext = &identity};
  VkPhysicalDeviceProperties2 all = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, .pNext = &subgroup};
  bool newer = plain.apiVersion >= VK_API_VERSION_1_1;
  if (newer && (plain.apiVersion >= VK_API_VERSION_1_2 ||
                has_extension(vk, device, VK_KHR_DRIVER_PROPERTIES_EXTENSION_NAME)))
    maintenance3.pNext = &driver;
  if (newer && (plain.apiVersion >= VK_API_VERSION_1_3 ||
                has_extension(vk, device, VK_KHR_MAINTENANCE_4_EXTENSION_NAME))) {
    maintenance4.pNext = maintenance3.pNext;
    maintenance3.pNext = &maintenance4;
  }
  if (newer) vk->GetPhysicalDeviceProperties2(device, &all);
  memcpy(info->name, plain.deviceName, sizeof info->name);
  memcpy(info->driver, driver.driverName, sizeof info->driver);
  memcpy(info->driver_text, driver.driverInfo, sizeof info->driver_text);
  info->type = plain.deviceType;
  info->api_version = plain.apiVersion;
  info->driver_version = plain.driverVersion;
  info->vendor = plain.vendorID;
  info->device = plain.deviceID;
  memcpy(info->device_uuid, identity.deviceUUID, VK_UUID_SIZE);
  memcpy(info->cache_uuid, plain.pipelineCacheUUID, VK_UUID_SIZE);
  info->limits = plain.limits;
  info->subgroup_size = subgroup.subgroupSize;
  info->subgroup_operations = subgroup.supportedOperations;
  info->subgroup_stages = subgroup.supportedStages;
  info->max_allocation = maintenance3.maxMemoryAllocationSize;
  info->max_buffer = maintenance4.maxBufferSize;
  vk->GetPhysicalDeviceMemoryProperties(device, &info->memory);
  VkPhysicalDeviceFeatures features;
  vk->GetPhysicalDeviceFeatures(device, &features);
  info->robust_buffer_access = features.robustBufferAccess;
  find_queue(vk, device, info);
}

bool fcn_vk_heap_budget(const fcn_vk *vk, VkPhysicalDevice device, uint32_t heap, uint64_t *bytes) {
  if (heap >= VK_MAX_MEMORY_HEAPS || !has_extension(vk, device, VK_EXT_MEMORY_BUDGET_EXTENSION_NAME)) return false;
  VkPhysicalDeviceMemoryBudgetPropertiesEXT budget = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT};
  VkPhysicalDeviceMemoryProperties2 all = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2,
                                           .pNext = &budget};
  vk->GetPhysicalDeviceMemoryProperties2(device, &all);
  *bytes = budget.heapBudget[heap] > budget.heapUsage[heap] ? budget.heapBudget[heap] - budget.heapUsage[heap] : 0;
  return budget.heapBudget[heap] > 0;
}

VkResult fcn_vk_create_device(fcn_vk *vk, VkPhysicalDevice physical, uint32_t family, bool robust, VkDevice *device) {
  const float priority = 1;
  VkDeviceQueueCreateInfo queue = {
      .sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
      .queueFamilyIndex = family,
      .queueCount = 1,
      .pQueuePriorities = &priority,
  };
  // Must be enabled where it is listed.
  const char *extensions[] = {"VK_KHR_portability_subset"};
  VkPhysicalDeviceFeatures features = {.robustBufferAccess = robust};
  VkDeviceCreateInfo info = {
      .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
      .queueCreateInfoCount = 1,
      .pQueueCreateInfos = &queue,
      .enabledExtensionCount = has_extension(vk, physical, extensions[0]) ? 1 : 0,
      .ppEnabledExtensionNames = extensions,
      .pEnabledFeatures = &features,
  };
  VkResult result = vk->CreateDevice(physical, &info, NULL, device);
  if (result != VK_SUCCESS) return result;
  bool complete = true;
#define LOAD(name) complete &= (vk->name = (PFN_vk##name)vk->GetDeviceProcAddr(*device, "vk" #name)) != NULL;
  FCN_VK_DEVICE_FUNCTIONS(LOAD)
#undef LOAD
  if (complete) return VK_SUCCESS;
  if (vk->DestroyDevice) vk->DestroyDevice(*device, NULL);
  *device = NULL;
  return VK_ERROR_INCOMPATIBLE_DRIVER;
}
