#pragma once
// libmicrohttpd's variadic functions with fixed arguments, and one pass over a request's header.
#include <microhttpd.h>
#include <poll.h>
#include <sys/socket.h>
#include <stdbool.h>
#include <string.h>

struct mhd_settings {
  int listen_socket;
  /// Bytes for one connection's header, buffers and header structures.
  size_t memory;
  unsigned connections;
  /// 0: no limit.
  unsigned connections_per_address;
  void *context;
  MHD_AccessHandlerCallback access;
  MHD_RequestCompletedCallback completed;
  MHD_NotifyConnectionCallback connection;
  void *(*target)(void *context, const char *uri, struct MHD_Connection *connection);
};

/// Leaves escapes alone: the target is decoded by the caller, segment by segment.
static size_t mhd_keep_escapes(void *context, struct MHD_Connection *connection, char *text) {
  (void)context;
  (void)connection;
  return strlen(text);
}

/// One polling thread with epoll on a listening socket. Null when it cannot start.
static inline struct MHD_Daemon *mhd_start(const struct mhd_settings *s) {
  const unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME;
  return MHD_start_daemon(
      flags, 0, NULL, NULL, s->access, s->context,
      MHD_OPTION_LISTEN_SOCKET, (MHD_socket)s->listen_socket,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, s->memory,
      MHD_OPTION_CONNECTION_LIMIT, s->connections,
      MHD_OPTION_PER_IP_CONNECTION_LIMIT, s->connections_per_address,
      MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)0,
      MHD_OPTION_STRICT_FOR_CLIENT, (int)1,
      MHD_OPTION_UNESCAPE_CALLBACK, &mhd_keep_escapes, NULL,
      MHD_OPTION_URI_LOG_CALLBACK, s->target, s->context,
      MHD_OPTION_NOTIFY_COMPLETED, s->completed, s->context,
      MHD_OPTION_NOTIFY_CONNECTION, s->connection, s->context,
      MHD_OPTION_END);
}

static inline int mhd_connection_socket(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? info->connect_fd : -1;
}

static inline void *mhd_connection_context(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info ? info->socket_context : NULL;
}

/// Whether the other side has closed its sending half. POLLRDHUP, which needs _GNU_SOURCE to have its name.
static inline bool mhd_peer_has_closed(int socket) {
  struct pollfd watched = {.fd = socket, .events = 0x2000, .revents = 0};
  return poll(&watched, 1, 0) == 1;
}

/// Whether the other side has closed its sending half and everything it sent has been read.
static inline bool mhd_is_at_end(int socket) {
  char next;
  return recv(socket, &next, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/// What one pass over the header fields found. The pointers live as long as the request.
struct mhd_head {
  const char *content_type;
  size_t content_type_length;
  const char *request_id;
  size_t request_id_length;
  unsigned long long content_length;
  unsigned content_lengths;
  unsigned transfer_encodings;
  unsigned hosts;
  bool chunked;
  bool expects_continue;
  /// A name that is no token, a control character, NUL, bare line feed or folded line.
  bool malformed;
  const char *start;
  const char *end;
};

static inline bool mhd_is_token_character(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static inline bool mhd_is_token(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (!mhd_is_token_character((unsigned char)text[i])) return false;
  return length > 0;
}

static inline bool mhd_same(const char *text, size_t length, const char *lower, size_t lower_length) {
  if (length != lower_length) return false;
  for (size_t i = 0; i < length; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c >= 'A' && c <= 'Z') c |= 0x20;
    if (c != (unsigned char)lower[i]) return false;
  }
  return true;
}
#define MHD_SAME(text, length, literal) mhd_same(text, length, literal, sizeof(literal) - 1)

/// A value inside the received header ends where its CR LF was, both now NUL, and the next line, or the empty
/// last line, follows; anything else is a NUL inside the value or a bare line feed. A value outside the
/// header was copied together from folded lines.
static inline bool mhd_is_well_ended(const struct mhd_head *head, const char *value, size_t size) {
  const char *after = value + size;
  if (value < head->start || after + 4 > head->end || after[0] != 0 || after[1] != 0) return false;
  return after[2] != 0 || after + 4 == head->end;
}

static enum MHD_Result mhd_head_field(
    void *context, enum MHD_ValueKind kind, const char *name, size_t name_size, const char *value,
    size_t size) {
  struct mhd_head *head = (struct mhd_head *)context;
  (void)kind;
  if (value == NULL) {
    head->malformed = true;
    return MHD_YES;
  }
  if (!mhd_is_token(name, name_size)) head->malformed = true;
  for (size_t i = 0; i < size; i++) {
    unsigned char c = (unsigned char)value[i];
    if ((c < 0x20 && c != '\t') || c == 0x7F) head->malformed = true;
  }
  if (head->start != NULL && !mhd_is_well_ended(head, value, size)) head->malformed = true;
  while (size > 0 && (value[size - 1] == ' ' || value[size - 1] == '\t')) size--;
  switch (name_size) {
    case 4:
      if (MHD_SAME(name, name_size, "host")) head->hosts++;
      break;
    case 6:
      if (MHD_SAME(name, name_size, "expect")) head->expects_continue = MHD_SAME(value, size, "100-continue");
      break;
    case 12:
      if (MHD_SAME(name, name_size, "content-type")) {
        head->content_type = value;
        head->content_type_length = size;
      } else if (MHD_SAME(name, name_size, "x-request-id")) {
        head->request_id = value;
        head->request_id_length = size;
      }
      break;
    case 14:
      if (MHD_SAME(name, name_size, "content-length")) {
        head->content_lengths++;
        head->content_length = 0;
        for (size_t i = 0; i < size && value[i] >= '0' && value[i] <= '9'; i++)
          head->content_length = head->content_length * 10 + (unsigned)(value[i] - '0');
      }
      break;
    case 17:
      if (MHD_SAME(name, name_size, "transfer-encoding")) {
        head->transfer_encodings++;
        head->chunked = MHD_SAME(value, size, "chunked");
      }
      break;
    default: break;
  }
  return MHD_YES;
}

/// `method` is the start of the received header.
static inline struct mhd_head mhd_read_head(struct MHD_Connection *connection, const char *method) {
  struct mhd_head head = {0};
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
  if (info) {
    head.start = method;
    head.end = method + info->header_size;
  }
  MHD_get_connection_values_n(connection, MHD_HEADER_KIND, &mhd_head_field, &head);
  return head;
}

/// The value of a header field, or null. Names are compared without case.
static inline const char *mhd_header(
    struct MHD_Connection *connection, const char *name, size_t name_size, size_t *size) {
  const char *value = NULL;
  if (MHD_lookup_connection_value_n(connection, MHD_HEADER_KIND, name, name_size, &value, size) == MHD_NO)
    return NULL;
  return value;
}

/// A response that owns a copy of the body.
static inline struct MHD_Response *mhd_response(const void *body, size_t size) {
  return MHD_create_response_from_buffer(size, (void *)body, MHD_RESPMEM_MUST_COPY);
}
