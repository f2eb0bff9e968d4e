#include "fcn_vulkan.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *fcn_vk_open(const char *name) {
#ifdef __APPLE__
  static const char *const names[] = {"libvulkan.dylib", "libvulkan.1.dylib", "/usr/local/lib/libvulkan.dylib",
                                      "libMoltenVK.dylib"};
#else
  static const char *const names[] = {"libvulkan.so.1", "libvulkan.so"};
#endif
  if (name) return dlopen(name, RTLD_NOW | RTLD_LOCAL);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    void *library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (library) return library;
  }
  return NULL;
}

void fcn_vk_close(void *library) { dlclose(library); }

bool fcn_vk_load(fcn_vk *vk, void *library) {
  memset(vk, 0, sizeof *vk);
  vk->GetInstanceProcAddr = (PFN_vkGetInstanceProcAddr)dlsym(library, "vkGetInstanceProcAddr");
  if (!vk->GetInstanceProcAddr) return false;
  vk->EnumerateInstanceVersion =
      (PFN_vkEnumerateInstanceVersion)vk->GetInstanceProcAddr(NULL, "vkEnumerateInstanceVersion");
  bool complete = true;
#define LOAD(name) complete &= (vk->name = (PFN_vk##name)vk->GetInstanceProcAddr(NULL, "vk" #name)) != NULL;
  FCN_VK_GLOBAL_FUNCTIONS(LOAD)
#undef LOAD
  return complete;
}

struct fcn_vk_messages {
  atomic_size_t count;
  char first[2048];
};

fcn_vk_messages *fcn_vk_messages_create(void) { return calloc(1, sizeof(fcn_vk_messages)); }
void fcn_vk_messages_destroy(fcn_vk_messages *messages) { free(messages); }
size_t fcn_vk_messages_count(fcn_vk_messages *messages) { return atomic_load(&messages->count); }
void fcn_vk_messages_reset(fcn_vk_messages *messages) { atomic_store(&messages->count, 0); }
void fcn_vk_messages_first(fcn_vk_messages *messages, char *text, size_t size) {
  snprintf(text, size, "%s", atomic_load(&messages->count) ? messages->first : "");
}

static VKAPI_ATTR VkBool32 VKAPI_CALL receive(VkDebugUtilsMessageSeverityFlagBitsEXT severity,
                                              VkDebugUtilsMessageTypeFlagsEXT types,
                                              const VkDebugUtilsMessengerCallbackDataEXT *data, void *user) {
  (void)severity, (void)types;
  fcn_vk_messages *messages = user;
  if (atomic_fetch_add(&messages->count, 1) == 0)
    snprintf(messages->first, sizeof messages->first, "%s", data->pMessage ? data->pMessage : "");
  return VK_FALSE;
}

static bool has_extension(const fcn_vk *vk, const char *layer, const char *name) {
  uint32_t count = 0;
  if (vk->EnumerateInstanceExtensionProperties(layer, &count, NULL) != VK_SUCCESS || count == 0) return false;
  VkExtensionProperties *list = calloc(count, sizeof *list);
  bool found = false;
  if (list && vk->EnumerateInstanceExtensionProperties(layer, &count, list) >= VK_SUCCESS)
    for (uint32_t i = 0; i < count; i++) found |= strcmp(list[i].extensionName, name) == 0;
  free(list);
  return found;
}

static bool has_layer(const fcn_vk *vk, const char *name) {
  uint32_t count = 0;
  if (vk->EnumerateInstanceLayerProperties(&count, NULL) != VK_SUCCESS || count == 0) return false;
  VkLayerProperties *list = calloc(count, sizeof *list);
  bool found = false;
  if (list && vk->EnumerateInstanceLayerProperties(&count, list) >= VK_SUCCESS)
    for (uint32_t i = 0; i < count; i++) found |= strcmp(list[i].layerName, name) == 0;
  free(list);
  return found;
}

static const char validation[] = "VK_LAYER_KHRONOS_validation";
static const char portability[] = "VK_KHR_portability_enumeration";

static VkResult load_instance(fcn_vk *vk, VkInstance instance) {
  bool complete = true;
#define LOAD(name) complete &= (vk->name = (PFN_vk##name)vk->GetInstanceProcAddr(instance, "vk" #name)) != NULL;
  FCN_VK_INSTANCE_FUNCTIONS(LOAD)
#undef LOAD
  vk->CreateDebugUtilsMessengerEXT =
      (PFN_vkCreateDebugUtilsMessengerEXT)vk->GetInstanceProcAddr(instance, "vkCreateDebugUtilsMessengerEXT");
  vk->DestroyDebugUtilsMessengerEXT =
      (PFN_vkDestroyDebugUtilsMessengerEXT)vk->GetInstanceProcAddr(instance, "vkDestroyDebugUtilsMessengerEXT");
  return complete ? VK_SUCCESS : VK_ERROR_INCOMPATIBLE_DRIVER;
}

VkResult fcn_vk_create_instance(fcn_vk *vk, fcn_vk_messages *messages, VkInstance *instance,
                                VkDebugUtilsMessengerEXT *messenger) {
  *instance = NULL;
  *messenger = NULL;
  uint32_t version = VK_API_VERSION_1_0;
  if (vk->EnumerateInstanceVersion) vk->EnumerateInstanceVersion(&version);
  if (version < VK_API_VERSION_1_1) return VK_ERROR_INCOMPATIBLE_DRIVER;
  if (messages && !has_layer(vk, validation)) return VK_ERROR_LAYER_NOT_PRESENT;
  const char *extensions[2];
  uint32_t count = 0;
  VkInstanceCreateFlags flags = 0;
  if (has_extension(vk, NULL, portability)) {
    extensions[count++] = portability;
    flags = VK_INSTANCE_CREATE_ENUMERATE_PORTABILITY_BIT_KHR;
  }
  if (messages) extensions[count++] = VK_EXT_DEBUG_UTILS_EXTENSION_NAME;
  VkApplicationInfo application = {
      .sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
      .pApplicationName = "onnx-fcn",
      .apiVersion = version >= VK_API_VERSION_1_3 ? VK_API_VERSION_1_3 : VK_API_VERSION_1_1,
  };
  VkValidationFeatureEnableEXT enabled[] = {VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT};
  VkDebugUtilsMessengerCreateInfoEXT receiver = {
      .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT,
      .messageSeverity =
          VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT,
      .messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT,
      .pfnUserCallback = receive,
      .pUserData = messages,
  };
  VkValidationFeaturesEXT features = {
      .sType = VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT,
      .pNext = &receiver,
      .enabledValidationFeatureCount = 1,
      .pEnabledValidationFeatures = enabled,
  };
  const char *layers[] = {validation};
  VkInstanceCreateInfo info = {
      .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
      .pNext = messages ? &features : NULL,
      .flags = flags,
      .pApplicationInfo = &application,
      .enabledLayerCount = messages ? 1 : 0,
      .ppEnabledLayerNames = layers,
      .enabledExtensionCount = count,
      .ppEnabledExtensionNames = extensions,
  };
  VkResult result = vk->CreateInstance(&info, NULL, instance);
  if (result != VK_SUCCESS) return result;
  result = load_instance(vk, *instance);
  if (result == VK_SUCCESS && messages && vk->CreateDebugUtilsMessengerEXT)
    result = vk->CreateDebugUtilsMessengerEXT(*instance, &receiver, NULL, messenger);
  if (result != VK_SUCCESS && vk->DestroyInstance) {
    vk->DestroyInstance(*instance, NULL);
    *instance = NULL;
  }
  return result;
}
