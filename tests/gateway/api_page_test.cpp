// docs/api.md names every route with its parameters, and no other.
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "gateway/routes.h"

namespace tintype {
namespace {

// "GET /v1/photos?by&cursor&from", parameters sorted.
std::string signature(std::string_view method, std::string_view path,
                      const std::set<std::string>& parameters) {
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

TEST(ApiPage, NamesEveryRouteAndNoOther) {
  std::set<std::string> routes;
  for (const Route& route : all_routes()) {
    std::istringstream parameters{std::string(route.parameters)};
    std::set<std::string> names;
    for (std::string name; parameters >> name;) names.insert(name);
    routes.insert(signature(route.method, route.pattern, names));
  }
  EXPECT_EQ(routes_of_the_page(), routes);
}

}  // namespace
}  // namespace tintype
