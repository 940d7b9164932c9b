// unique_ptr aliases for the objects of nats.c.
#pragma once

#include <nats/nats.h>

#include <memory>

namespace tintype {

template <auto kDestroy>
struct NatsDeleter {
  template <typename T>
  void operator()(T* object) const {
    kDestroy(object);
  }
};

using OptionsHandle = std::unique_ptr<natsOptions, NatsDeleter<natsOptions_Destroy>>;
using ConnectionHandle = std::unique_ptr<natsConnection, NatsDeleter<natsConnection_Destroy>>;
using JetStreamHandle = std::unique_ptr<jsCtx, NatsDeleter<jsCtx_Destroy>>;
using SubscriptionHandle = std::unique_ptr<natsSubscription, NatsDeleter<natsSubscription_Destroy>>;
using MessageHandle = std::unique_ptr<natsMsg, NatsDeleter<natsMsg_Destroy>>;
using InboxHandle = std::unique_ptr<natsInbox, NatsDeleter<natsInbox_Destroy>>;
using MetaDataHandle = std::unique_ptr<jsMsgMetaData, NatsDeleter<jsMsgMetaData_Destroy>>;
using PubAckHandle = std::unique_ptr<jsPubAck, NatsDeleter<jsPubAck_Destroy>>;
using StreamInfoHandle = std::unique_ptr<jsStreamInfo, NatsDeleter<jsStreamInfo_Destroy>>;
using ConsumerInfoHandle = std::unique_ptr<jsConsumerInfo, NatsDeleter<jsConsumerInfo_Destroy>>;
using AccountInfoHandle = std::unique_ptr<jsAccountInfo, NatsDeleter<jsAccountInfo_Destroy>>;

}  // namespace tintype
