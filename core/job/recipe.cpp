#include "core/job/recipe.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <format>
#include <fstream>
#include <iterator>
#include <set>

#include "core/base/digest.h"
#include "core/job/recipe_rules.h"
#include "core/job/usual_quality.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxNameChars = 40;
constexpr std::size_t kMaxFileBytes = 64 * 1024;
constexpr std::uint32_t kWebLongSidesPx[] = {2048, 1024, 512, 256};

bool is_recipe_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameChars &&
         std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

bool contains(IntRange range, std::int64_t value) { return value >= range.low && value <= range.high; }

std::string range_message(IntRange range, std::int64_t value) {
  return std::format("must be a whole number from {} to {}, not {}", range.low, range.high, value);
}

std::optional<RecipeFault> find_rung_fault(const Rung& rung, std::size_t index) {
  if (rung.format != ImageFormat::kWebp && rung.format != ImageFormat::kAvif) {
    return RecipeFault{"format", index, "must be \"webp\" or \"avif\""};
  }
  if (!contains(kLongSideRange, rung.long_side_px)) {
    return RecipeFault{"long_side", index, range_message(kLongSideRange, rung.long_side_px)};
  }
  if (!contains(kQualityRange, rung.quality)) {
    return RecipeFault{"quality", index, range_message(kQualityRange, rung.quality)};
  }
  if (rung.target) {
    if (const Status valid = rung.target->validate(); !valid)
      return RecipeFault{"quality", index, valid.error().message};
  }
  if (rung.is_best) {
    if (!rung.target)
      return RecipeFault{"quality", index, "of format \"best\" must be a score, such as \"ssimulacra2:70\""};
    if (rung.effort != kEffortByClass)
      return RecipeFault{"effort", index, "is each format's own: leave it out with format \"best\""};
    return std::nullopt;
  }
  const IntRange efforts = effort_range(rung.format);
  if (rung.effort != kEffortByClass && !contains(efforts, rung.effort)) {
    return RecipeFault{"effort", index,
                       std::format("of {} {}", format_name(rung.format), range_message(efforts, rung.effort))};
  }
  const bool is_webp_encoder = rung.encoder != Encoder::kAom;
  if (is_webp_encoder != (rung.format == ImageFormat::kWebp)) {
    return RecipeFault{
        "encoder", index,
        std::format("\"{}\" does not make {}; leave it out or write {}", encoder_name(rung.encoder),
                    format_name(rung.format), is_webp_encoder ? "\"aom\"" : "\"tintype\" or \"libwebp\"")};
  }
  return std::nullopt;
}

std::string version_line(const Rung& rung) {
  std::string quality = rung.quality_text();
  if (const auto& target = rung.target) {
    quality += std::format(" -{}+{} {}..{} {}", target->below, target->above, target->lowest_quality,
                           target->highest_quality, target->max_probes);
  }
  if (rung.is_best) return std::format("rung {} best {}\n", rung.long_side_px, quality);
  return std::format("rung {} {} {} {} {}\n", rung.long_side_px, format_name(rung.format), quality, rung.effort,
                     encoder_name(rung.encoder));
}

Recipe web_recipe(std::string name, bool with_avif) {
  Recipe recipe;
  recipe.name = std::move(name);
  for (std::uint32_t long_side_px : kWebLongSidesPx) {
    recipe.rungs.push_back(
        {long_side_px, ImageFormat::kWebp, usual_quality(ImageFormat::kWebp), 4, default_encoder(ImageFormat::kWebp)});
    if (with_avif)
      recipe.rungs.push_back({long_side_px, ImageFormat::kAvif, usual_quality(ImageFormat::kAvif), 3,
                              default_encoder(ImageFormat::kAvif)});
  }
  return recipe;
}

Result<Recipe> read_recipe_file(const std::string& path) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(path, error);
  if (error) return fail(error_from_errno(error.value(), "reading the recipe " + path));
  if (bytes > kMaxFileBytes) {
    return fail(ErrorCode::kInvalidArgument,
                std::format("the recipe {} has {} bytes; a recipe has at most {}", path, bytes, kMaxFileBytes));
  }
  std::ifstream in(path, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in || text.size() != bytes) {
    return fail(ErrorCode::kIo, std::format("the recipe {} cannot be read; check its permissions", path));
  }
  auto recipe = parse_recipe_toml(text);
  if (!recipe) return fail(recipe.error().code, std::format("the recipe {}: {}", path, recipe.error().message));
  return recipe;
}

// Every name that find_recipe would take, for its error.
std::string known_names(const std::string& folder) {
  std::set<std::string> names;
  for (const Recipe& recipe : builtin_recipes()) names.insert(recipe.name);
  std::error_code missing;
  if (!folder.empty()) {
    for (std::filesystem::directory_iterator entry(folder, missing), end; !missing && entry != end;
         entry.increment(missing)) {
      if (entry->path().extension() == ".toml") names.insert(entry->path().stem().string());
    }
  }
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

}  // namespace

std::string_view encoder_name(Encoder encoder) {
  constexpr std::string_view kNames[] = {"libwebp", "aom", "tintype"};
  return kNames[static_cast<std::size_t>(encoder)];
}

Result<Encoder> parse_encoder(std::string_view name) {
  for (Encoder encoder : {Encoder::kLibwebp, Encoder::kAom, Encoder::kTintype}) {
    if (name == encoder_name(encoder)) return encoder;
  }
  return fail(ErrorCode::kInvalidArgument, "must be \"tintype\", \"libwebp\" or \"aom\"");
}

IntRange effort_range(ImageFormat format) { return format == ImageFormat::kWebp ? IntRange{0, 6} : IntRange{0, 10}; }

Encoder default_encoder(ImageFormat format) { return format == ImageFormat::kWebp ? Encoder::kTintype : Encoder::kAom; }

Result<RungFormat> parse_rung_format(std::string_view name) {
  if (name == "best") return RungFormat{ImageFormat::kWebp, true};
  for (ImageFormat format : {ImageFormat::kWebp, ImageFormat::kAvif}) {
    if (name == format_name(format)) return RungFormat{format, false};
  }
  return fail(ErrorCode::kInvalidArgument, "must be \"webp\", \"avif\" or \"best\"");
}

std::string_view damaged_policy_name(DamagedPolicy policy) {
  return policy == DamagedPolicy::kKeep ? "keep" : "refuse";
}

Result<DamagedPolicy> parse_damaged_policy(std::string_view name) {
  for (DamagedPolicy policy : {DamagedPolicy::kRefuse, DamagedPolicy::kKeep}) {
    if (name == damaged_policy_name(policy)) return policy;
  }
  return fail(ErrorCode::kInvalidArgument, "must be \"refuse\" or \"keep\"");
}

std::optional<RecipeFault> find_fault(const Recipe& recipe) {
  if (!is_recipe_name(recipe.name)) {
    return RecipeFault{"name", {}, std::format("must be 1 to {} characters of a-z, 0-9 and -", kMaxNameChars)};
  }
  if (recipe.rungs.empty() || recipe.rungs.size() > kMaxRungs) {
    return RecipeFault{"rung", {}, std::format("must come 1 to {} times, not {}", kMaxRungs, recipe.rungs.size())};
  }
  std::set<std::string> names;
  for (std::size_t i = 0; i < recipe.rungs.size(); ++i) {
    if (auto fault = find_rung_fault(recipe.rungs[i], i)) return fault;
    if (std::string name = recipe.rungs[i].name(); !names.insert(name).second) {
      return RecipeFault{"long_side", i, std::format("and format make a second \"{}\"; each may come once", name)};
    }
  }
  return std::nullopt;
}

std::string Rung::name() const {
  const std::string size = long_side_px == 0 ? "full" : std::to_string(long_side_px);
  return std::format("{}.{}", size, is_best ? "best" : format_extension(format));
}

std::string_view Rung::format_text() const { return is_best ? "best" : format_name(format); }

std::string Rung::quality_text() const { return target ? target->to_string() : std::to_string(quality); }

std::string Recipe::version() const {
  // The order of the rungs changes no variant.
  std::multiset<std::string> lines;
  for (const Rung& rung : rungs) lines.insert(version_line(rung));
  std::string text = "tintype recipe 1\n";
  for (const std::string& line : lines) text += line;
  text +=
      std::format("metadata colour_profile={:d} date={:d} gps={:d} camera={:d}\ndamaged {}\n", metadata.colour_profile,
                  metadata.date, metadata.gps, metadata.camera, damaged_policy_name(damaged));
  return to_hex(sha256(as_bytes(text))).substr(0, 16);
}

const std::vector<Recipe>& builtin_recipes() {
  static const std::vector<Recipe> recipes = {web_recipe("web", true), web_recipe("web-webp", false)};
  return recipes;
}

Result<Recipe> find_recipe(std::string_view name, const std::string& folder) {
  if (name.contains('/') || name.ends_with(".toml")) return read_recipe_file(std::string(name));
  if (!is_recipe_name(name)) {
    return fail(ErrorCode::kInvalidArgument,
                std::format("\"{}\" is no recipe's name; a name is 1 to {} characters of a-z, 0-9 and -",
                            name.substr(0, 64), kMaxNameChars));
  }
  if (!folder.empty()) {
    const std::string path = std::format("{}/{}.toml", folder, name);
    auto recipe = read_recipe_file(path);
    if (recipe && recipe->name != name) {
      return fail(ErrorCode::kInvalidArgument,
                  std::format("the recipe {} calls itself \"{}\"; rename the file or the recipe", path, recipe->name));
    }
    if (recipe || recipe.error().code != ErrorCode::kNotFound) return recipe;
  }
  for (const Recipe& recipe : builtin_recipes()) {
    if (recipe.name == name) return recipe;
  }
  return fail(ErrorCode::kNotFound, std::format("there is no recipe \"{}\"; there are: {}", name, known_names(folder)));
}

}  // namespace tintype
