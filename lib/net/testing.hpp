#pragma once

#include "net/local_api.hpp"

#include <thread>

// For *_test.cpp files only.

namespace cairn {

/// A server that echoes, in a thread of its own: the method becomes the status.
class EchoServer {
public:
    explicit EchoServer(const std::string& endpoint) : server_{endpoint}
    {
        thread_ = std::thread{[this] {
            server_.run([](const LocalRequest& request) {
                return LocalReply{request.method, request.json, request.body};
            });
        }};
    }
    EchoServer(const EchoServer&) = delete;
    EchoServer& operator=(const EchoServer&) = delete;
    ~EchoServer()
    {
        server_.stop();
        thread_.join();
    }

private:
    LocalServer server_;
    std::thread thread_;
};

} // namespace cairn
