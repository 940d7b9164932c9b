// docs/api.md and docs/openapi.json name every route with its parameters, and no other.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "gateway/openapi.h"
#include "gateway/routes.h"

namespace tintype {
namespace {

// "GET /v1/photos?by&cursor&from", parameters sorted.
std::string signature(std::string_view method, std::string_view path, const std::set<std::string>& parameters) {
  std::string out = std::string(method) + " " + std::string(path);
  char separator = '?';
  for (const std::string& name : parameters) {
    out += std::exchange(separator, '&') + name;
  }
  return out;
}

std::set<std::string> routes_of_the_page() {
  std::ifstream file(TINTYPE_API_PAGE);
  EXPECT_TRUE(file) << TINTYPE_API_PAGE;
  std::set<std::string> out;
  const std::regex request("`(GET|POST|PUT|PATCH|DELETE|OPTIONS) (/[^ `?]*)(\\?([^`]*))?`");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("| `")) continue;
    const std::string cell = line.substr(0, line.find(" | ", 2));
    for (std::sregex_iterator it(cell.begin(), cell.end(), request), end; it != end; ++it) {
      std::set<std::string> names;
      std::istringstream query((*it)[4].str());
      for (std::string pair; std::getline(query, pair, '&');) names.insert(pair.substr(0, pair.find('=')));
      out.insert(signature((*it)[1].str(), (*it)[2].str(), names));
    }
  }
  return out;
}

std::set<std::string> routes_of_the_gateway() {
  std::set<std::string> routes;
  for (const Route& route : all_routes()) {
    std::istringstream parameters{std::string(route.parameters)};
    std::set<std::string> names;
    for (std::string name; parameters >> name;) names.insert(name);
    routes.insert(signature(route.method, route.pattern, names));
  }
  return routes;
}

std::set<std::string> routes_of_the_document(const nlohmann::json& document) {
  std::set<std::string> routes;
  for (const auto& [path, operations] : document["paths"].items()) {
    for (const auto& [method, operation] : operations.items()) {
      std::set<std::string> names;
      for (const auto& parameter : operation.value("parameters", nlohmann::json::array())) {
        if (parameter["in"] == "query") names.insert(parameter["name"]);
      }
      std::string verb = method;
      std::ranges::transform(verb, verb.begin(), [](char c) { return static_cast<char>(c - 'a' + 'A'); });
      routes.insert(signature(verb, path, names));
    }
  }
  return routes;
}

TEST(ApiPage, NamesEveryRouteAndNoOther) { EXPECT_EQ(routes_of_the_page(), routes_of_the_gateway()); }

TEST(OpenApi, NamesEveryRouteAndNoOther) {
  const auto document = nlohmann::json::parse(kOpenApi, nullptr, false);
  ASSERT_TRUE(document.is_object());
  EXPECT_EQ(document["openapi"], "3.1.0");
  EXPECT_EQ(routes_of_the_document(document), routes_of_the_gateway());
}

TEST(OpenApi, IsWholeInItself) {
  const auto document = nlohmann::json::parse(kOpenApi, nullptr, false);
  const std::regex reference("\"#([^\"]*)\"");
  const std::string text(kOpenApi);
  int references = 0;
  for (std::sregex_iterator it(text.begin(), text.end(), reference), end; it != end; ++it, ++references) {
    EXPECT_TRUE(document.contains(nlohmann::json::json_pointer((*it)[1].str()))) << (*it)[0].str();
  }
  EXPECT_GT(references, 30);
  const std::regex argument("\\{([a-z]+)\\}");
  for (const auto& [path, operations] : document["paths"].items()) {
    std::set<std::string> wanted;
    for (std::sregex_iterator it(path.begin(), path.end(), argument), end; it != end; ++it)
      wanted.insert((*it)[1].str());
    for (const auto& [method, operation] : operations.items()) {
      EXPECT_TRUE(operation["responses"].contains("default")) << method << " " << path;
      std::set<std::string> named;
      for (const auto& parameter : operation.value("parameters", nlohmann::json::array())) {
        if (parameter["in"] == "path") named.insert(parameter["name"]);
      }
      EXPECT_EQ(named, wanted) << method << " " << path;
    }
  }
}

}  // namespace
}  // namespace tintype
