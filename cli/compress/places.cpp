#include "cli/compress/places.h"

#include <unistd.h>
#include <set>

#include "cli/compress/out_folder.h"
#include "core/base/digest.h"

namespace tintype {
namespace {

std::string marked(const SourceFile& source) {
  return source.place + '~' + to_hex(sha256(as_bytes(source.path))).substr(0, 6);
}

bool belongs_to_another(const std::string& place, const SourceFile& source, const Journal& journal) {
  const std::string owner = journal.owner_of(place);
  return !owner.empty() && owner != source.path && ::access(owner.c_str(), F_OK) == 0;
}

}  // namespace

PlaceNotes settle_places(std::vector<SourceFile>& pictures, const Journal& journal) {
  PlaceNotes notes;
  std::set<std::string> taken;
  // Sources that have a place already keep it, before new ones look for theirs.
  std::vector<SourceFile*> fresh;
  for (SourceFile& picture : pictures) {
    if (std::string known = journal.place_of(picture.path); !known.empty()) {
      taken.insert(known);
      picture.place = std::move(known);
    } else {
      fresh.push_back(&picture);
    }
  }
  for (SourceFile* picture : fresh) {
    const bool reserved = is_reserved_name(picture->place.substr(0, picture->place.find('/')));
    if (reserved) picture->place.insert(0, "_");
    if (taken.contains(picture->place) || belongs_to_another(picture->place, *picture, journal)) {
      picture->place = marked(*picture);
      if (notes.moved++ == 0) {
        notes.example_path = picture->path;
        notes.example_place = picture->place;
      }
    }
    taken.insert(picture->place);
  }
  return notes;
}

}  // namespace tintype
