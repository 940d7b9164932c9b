// Damage: what decoders say about a picture whose data end early or contradict themselves, and what is done
// then.
#pragma once

#include <cstdint>
#include <string>

#include "codec/decode.h"

namespace tintype {

// "the JPEG's data end before the picture does; copy it again from its source, or ..." with the decoder's
// words.
Error truncated_error(std::string_view format, std::string_view detail);
Error corrupt_error(std::string_view format, std::string_view detail);

// The header that the codec library read says something else than probe() did.
Error disagreement_error(std::string_view format);

// The one place that applies DamagedPolicy: under kKeep, with a row decoded, `error` becomes a warning;
// otherwise it is returned.
Status tolerate(Error error, std::uint32_t rows_decoded, DamagedPolicy policy, Decoded& decoded);

// Rows from `first` on get neutral gray (opaque): what a kept picture shows where nothing was decoded.
void fill_missing_rows(Image& image, std::uint32_t first);

}  // namespace tintype
