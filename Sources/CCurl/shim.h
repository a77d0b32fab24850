#pragma once
// libcurl's variadic functions with fixed arguments.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <stdbool.h>

typedef size_t (*ccurl_receive)(char *bytes, size_t size, size_t count, void *context);

struct ccurl_request {
  const char *method;
  const char *url;
  struct curl_slist *headers;
  /// Null: none. Must live as long as the transfer.
  const char *body;
  size_t body_size;
  long connect_timeout_ms;
  long timeout_ms;
  /// A file with certificates to trust in the place of the system's; null: the system's.
  const char *certificates;
  ccurl_receive received_body;
  ccurl_receive received_header;
  void *context;
};

/// Sets everything that one transfer needs: no redirects, no proxy of the environment, no signals, HTTP only,
/// certificates checked.
static inline CURLcode ccurl_prepare(CURL *handle, const struct ccurl_request *r) {
  CURLcode code = CURLE_OK;
#define CCURL_SET(option, value) \
  if (code == CURLE_OK) code = curl_easy_setopt(handle, option, value)
  CCURL_SET(CURLOPT_URL, r->url);
  CCURL_SET(CURLOPT_CUSTOMREQUEST, r->method);
  CCURL_SET(CURLOPT_HTTPHEADER, r->headers);
  CCURL_SET(CURLOPT_PROTOCOLS_STR, "http,https");
  CCURL_SET(CURLOPT_FOLLOWLOCATION, 0L);
  CCURL_SET(CURLOPT_PROXY, "");
  CCURL_SET(CURLOPT_NOSIGNAL, 1L);
  CCURL_SET(CURLOPT_SSL_VERIFYPEER, 1L);
  CCURL_SET(CURLOPT_SSL_VERIFYHOST, 2L);
  CCURL_SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  CCURL_SET(CURLOPT_CONNECTTIMEOUT_MS, r->connect_timeout_ms);
  CCURL_SET(CURLOPT_TIMEOUT_MS, r->timeout_ms);
  CCURL_SET(CURLOPT_WRITEFUNCTION, r->received_body);
  CCURL_SET(CURLOPT_WRITEDATA, r->context);
  CCURL_SET(CURLOPT_HEADERFUNCTION, r->received_header);
  CCURL_SET(CURLOPT_HEADERDATA, r->context);
  CCURL_SET(CURLOPT_PRIVATE, r->context);
  if (r->certificates) CCURL_SET(CURLOPT_CAINFO, r->certificates);
  if (r->body) {
    CCURL_SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_size);
    CCURL_SET(CURLOPT_POSTFIELDS, r->body);
  }
#undef CCURL_SET
  return code;
}

/// Many transfers at once go over a few kept connections.
static inline void ccurl_limit(CURLM *multi, long connections) {
  curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, connections);
}

static inline long ccurl_status(CURL *handle) {
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

/// Whether the request, or a part of it, went out: the other side may have acted on it.
static inline bool ccurl_was_sent(CURL *handle) {
  long bytes = 0;
  curl_easy_getinfo(handle, CURLINFO_REQUEST_SIZE, &bytes);
  return bytes > 0;
}

/// The next transfer that has ended, or null; its result in `code`.
static inline CURL *ccurl_next_ended(CURLM *multi, CURLcode *code) {
  int left = 0;
  for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));)
    if (message->msg == CURLMSG_DONE) {
      *code = message->data.result;
      return message->easy_handle;
    }
  return NULL;
}

/// Sleeps until something happens to a transfer, `ccurl_wake` is called, or the time is over.
static inline void ccurl_wait(CURLM *multi, int milliseconds) {
  curl_multi_poll(multi, NULL, 0, milliseconds, NULL);
}

static inline void ccurl_wake(CURLM *multi) { curl_multi_wakeup(multi); }

static inline void ccurl_start(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }
