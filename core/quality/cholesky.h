// Cholesky's decomposition of a symmetric positive definite matrix, and what follows from it. Pure.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace tintype {

class Cholesky {
 public:
  // `matrix(i, j)` for j <= i < size. A pivot that rounding takes below `least` counts as that.
  template <typename Matrix>
  Cholesky(std::size_t size, double least, Matrix matrix) : size_(size), lower_(size * size) {
    for (std::size_t i = 0; i < size_; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        double sum = matrix(i, j);
        for (std::size_t k = 0; k < j; ++k) sum -= at(i, k) * at(j, k);
        lower_[i * size_ + j] = i == j ? std::sqrt(std::max(sum, least)) : sum / at(j, j);
      }
    }
  }

  // Half the way: x of L x = right, whose square is right's weighed by the matrix's inverse.
  std::vector<double> half_solved(std::span<const double> right) const {
    std::vector<double> x(size_);
    for (std::size_t i = 0; i < size_; ++i) {
      double sum = right[i];
      for (std::size_t k = 0; k < i; ++k) sum -= at(i, k) * x[k];
      x[i] = sum / at(i, i);
    }
    return x;
  }

  // x of matrix x = right.
  std::vector<double> solved(std::span<const double> right) const {
    std::vector<double> x = half_solved(right);
    for (std::size_t i = size_; i-- > 0;) {
      for (std::size_t k = i + 1; k < size_; ++k) x[i] -= at(k, i) * x[k];
      x[i] /= at(i, i);
    }
    return x;
  }

  // Half the logarithm of the determinant.
  double half_log_determinant() const {
    double sum = 0;
    for (std::size_t i = 0; i < size_; ++i) sum += std::log(at(i, i));
    return sum;
  }

 private:
  double at(std::size_t row, std::size_t column) const { return lower_[row * size_ + column]; }

  std::size_t size_;
  std::vector<double> lower_;
};

}  // namespace tintype
