#ifndef CZMQ_SHIM_H
#define CZMQ_SHIM_H
#include <sys/eventfd.h>
#include <zmq.h>
#endif
