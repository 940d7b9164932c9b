// HttpListener: a small HTTP/1.1 server on a loopback port, for tests: a thread a connection, bodies by
// Content-Length.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace tintype::testing {

struct HttpCall {
  std::string method, path;                           // the path is decoded
  std::map<std::string, std::string> query, headers;  // decoded; header names in lower case
  std::string body;
};

struct HttpReply {
  int status = 200;
  std::string body;
  std::string type = "application/json";
  // If set, instead of `body`: called over and over for what to send next, until it answers false. May block
  // a little.
  std::function<bool(std::string& piece)> stream;
};

class HttpListener {
 public:
  // `answer` is called on the connections' threads. Port 0: one that is free.
  HttpListener(int port, std::function<HttpReply(const HttpCall&)> answer);
  ~HttpListener();  // open connections are cut
  HttpListener(const HttpListener&) = delete;
  HttpListener& operator=(const HttpListener&) = delete;

  int port() const { return port_; }

 private:
  void accept_all();
  void serve(int socket);

  std::function<HttpReply(const HttpCall&)> answer_;
  int listener_ = -1;
  int port_ = 0;
  std::mutex mutex_;
  bool stopping_ = false;
  std::set<int> sockets_;
  std::vector<std::thread> threads_;
};

}  // namespace tintype::testing
