#include "cochlea/band_sums.h"

#include <algorithm>

namespace cochlea {

namespace {

constexpr std::size_t kQuad = 4;

struct Place {
  std::size_t row = 0;
  std::size_t lane = 0;
};

std::vector<Place> places(std::span<const BinSegment> segments) {
  std::vector<Place> found;
  for (const BinSegment& s : segments) {
    for (std::size_t k = s.begin; k < s.end; ++k) {
      const std::size_t bin = s.ascending ? s.bin + k : s.bin - k;
      found.resize(std::max(found.size(), bin + 1));
      found[bin] = {s.ascending ? s.row + k / kQuad : s.row - k / kQuad, k % kQuad};
    }
  }
  return found;
}

}  // namespace

BandSums::BandSums(std::span<const Band> bands, std::span<const BinSegment> segments, std::size_t n_rows) {
  const std::vector<Place> place_of = places(segments);
  for (std::size_t first = 0; first < bands.size(); first += kQuad) {
    const auto four = bands.subspan(first, std::min(kQuad, bands.size() - first));
    BandGroup group{};
    for (const Band& band : four) {
      if (band.weights.empty()) continue;
      const std::size_t last = place_of.at(band.first + band.weights.size() - 1).row;
      group.count = std::max(group.count, last + 1 - place_of[band.first].row);
    }
    const std::size_t offset = weights_.size();
    weights_.resize(offset + kQuad * kQuad * group.count, 0.0f);
    for (std::size_t b = 0; b < four.size(); ++b) {
      const Band& band = four[b];
      if (band.weights.empty()) continue;
      // Shorter bands read on with weight zero, but not past the last row.
      group.rows[b] = std::min(place_of[band.first].row, n_rows - group.count);
      for (std::size_t i = 0; i < band.weights.size(); ++i) {
        const Place& place = place_of[band.first + i];
        weights_[offset + kQuad * (kQuad * (place.row - group.rows[b]) + b) + place.lane] = band.weights[i];
      }
    }
    groups_.push_back(group);
  }
  table_ = {groups_.size(), groups_.data(), weights_.data()};
}

}  // namespace cochlea
