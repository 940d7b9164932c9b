// Hook requests as the senders' own documentation and programs show them.
#pragma once

#include <format>
#include <string>

namespace tintype {

inline std::string minio_event(const std::string& key, const std::string& etag,
                               const std::string& name = "s3:ObjectCreated:Put") {
  return std::format(
      R"({{"EventName":"{0}","Key":"camera/{1}","Records":[{{"eventVersion":"2.0","eventSource":"minio:s3",
"awsRegion":"","eventTime":"2026-11-22T08:09:21.123Z","eventName":"{0}","userIdentity":{{"principalId":"minioadmin"}},
"requestParameters":{{"principalId":"minioadmin","region":"","sourceIPAddress":"192.168.1.9"}},
"responseElements":{{"x-amz-id-2":"dd9025","x-amz-request-id":"17A5","x-minio-deployment-id":"1b3c","x-minio-origin-endpoint":"http://192.168.1.10:9000"}},
"s3":{{"s3SchemaVersion":"1.0","configurationId":"Config","bucket":{{"name":"camera","ownerIdentity":{{"principalId":"minioadmin"}},"arn":"arn:aws:s3:::camera"}},
"object":{{"key":"{1}","size":11,"eTag":"{2}","contentType":"image/jpeg","userMetadata":{{"content-type":"image/jpeg"}},"sequencer":"17A5C0FFEE"}}}},
"source":{{"host":"192.168.1.9","port":"","userAgent":"MinIO"}}}}]}})",
      name, key, etag);
}

inline std::string rgw_event(const std::string& key, const std::string& etag, const std::string& bucket = "camera") {
  return std::format(R"({{"Records":[{{"eventVersion":"2.2","eventSource":"ceph:s3","awsRegion":"default",
"eventTime":"2026-11-22T08:09:21.124724Z","eventName":"ObjectCreated:Put","userIdentity":{{"principalId":"tester"}},
"requestParameters":{{"sourceIPAddress":""}},"responseElements":{{"x-amz-request-id":"503a4c37.5330.903595","x-amz-id-2":"14d2-zone1-zonegroup1"}},
"s3":{{"s3SchemaVersion":"1.0","configurationId":"mynotif1","bucket":{{"name":"{2}","ownerIdentity":{{"principalId":"tester"}},
"arn":"arn:aws:s3:default::{2}","id":"503a4c37.5332.38"}},"object":{{"key":"{0}","size":1024,"eTag":"{1}","versionId":"",
"sequencer":"F7E6D75DC742D108","metadata":[],"tags":[]}}}},"eventId":"1575221657.102001.80dad3aad8584778352c68ab06250327","opaqueData":"me@example.com"}}]}})",
                     key, etag, bucket);
}

inline std::string tusd_hook(const std::string& type, const std::string& id, std::size_t size,
                             const std::string& storage,
                             const std::string& metadata = R"({"filename":"a.jpg","filetype":"image/jpeg"})") {
  return std::format(
      R"({{"Type":"{}","Event":{{"Upload":{{"ID":"{}","Size":{},"SizeIsDeferred":false,"Offset":0,"MetaData":{},
"IsPartial":false,"IsFinal":false,"PartialUploads":null,"Storage":{}}},"HTTPRequest":{{"Method":"PATCH","URI":"/files/x","RemoteAddr":"1.2.3.4:47689",
"Header":{{"Host":["localhost:8080"]}}}}}}}})",
      type, id, size, metadata, storage);
}

}  // namespace tintype
