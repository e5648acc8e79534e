/// Sixteen lanes of float, their sums in a fixed order, and exp: the arithmetic every kernel is written in.
///
/// The same source gives the same bits on every CPU: fma is written where it is meant, contraction is off, and no
/// function of the C library takes part.
#pragma STDC FP_CONTRACT OFF

#include <string.h>

#define INLINE static inline __attribute__((always_inline))

typedef float v16 __attribute__((ext_vector_type(16)));
typedef float v8 __attribute__((ext_vector_type(8)));
typedef float v4 __attribute__((ext_vector_type(4)));
typedef float v2 __attribute__((ext_vector_type(2)));
typedef int32_t i16 __attribute__((ext_vector_type(16)));
typedef uint32_t u16v __attribute__((ext_vector_type(16)));
typedef uint16_t h16 __attribute__((ext_vector_type(16)));
typedef uint16_t h32 __attribute__((ext_vector_type(32)));

INLINE v16 load(const float *p) { v16 v; memcpy(&v, p, 64); return v; }
INLINE u16v load_units(const uint32_t *p) { u16v v; memcpy(&v, p, 64); return v; }
INLINE void store(float *p, v16 v) { memcpy(p, &v, 64); }
INLINE v16 splat(float x) { return (v16)(x); }
INLINE v16 as_float(u16v u) { v16 v; memcpy(&v, &u, 64); return v; }
INLINE u16v as_units(v16 v) { u16v u; memcpy(&u, &v, 64); return u; }
INLINE v16 fma16(v16 a, v16 b, v16 c) { return __builtin_elementwise_fma(a, b, c); }
INLINE v16 max16(v16 a, v16 b) { return a > b ? a : b; }

/// The first n (< 16) elements, the others `fill`.
INLINE v16 load_part(const float *p, long n, float fill) {
    v16 v = splat(fill);
    memcpy(&v, p, (size_t)n * 4);
    return v;
}
INLINE v16 load_upto(const float *p, long n, float fill) { return n >= 16 ? load(p) : load_part(p, n, fill); }
INLINE void store_upto(float *p, v16 v, long n) {
    if (n >= 16) store(p, v);
    else memcpy(p, &v, (size_t)n * 4);
}

/// Folds by halves: lanes 0-7 with 8-15, then 0-3 with 4-7, 0-1 with 2-3, 0 with 1.
INLINE float sum16(v16 v) {
    v8 a = v.lo + v.hi;
    v4 b = a.lo + a.hi;
    v2 c = b.lo + b.hi;
    return c.x + c.y;
}
INLINE float maximum16(v16 v) {
    v8 a = v.lo > v.hi ? v.lo : v.hi;
    v4 b = a.lo > a.hi ? a.lo : a.hi;
    v2 c = b.lo > b.hi ? b.lo : b.hi;
    return c.x > c.y ? c.x : c.y;
}

/// bfloat16, rounded to nearest even.
INLINE uint16_t to_bf16(float x) {
    uint32_t u;
    memcpy(&u, &x, 4);
    return (uint16_t)((u + 0x7fff + ((u >> 16) & 1)) >> 16);
}
INLINE float from_bf16(uint16_t h) {
    uint32_t u = (uint32_t)h << 16;
    float x;
    memcpy(&x, &u, 4);
    return x;
}
INLINE float round_bf16(float x) { return from_bf16(to_bf16(x)); }
/// bf16 in the high half of each lane.
INLINE u16v bf16_high(v16 x) {
    u16v u = as_units(x);
    return u + 0x7fff + ((u >> 16) & 1);
}
INLINE v16 round16_bf16(v16 x) { return as_float(bf16_high(x) & 0xffff0000u); }
INLINE h16 to_bf16_16(v16 x) { return __builtin_convertvector(bf16_high(x) >> 16, h16); }

/// e^x within 2 units in the last place for -87 <= x <= 88; 0 below. (Cephes-like: x = n ln 2 + r, polynomial in r.)
INLINE v16 exp16(v16 x) {
    const v16 shift = splat(12582912.0f);  // 1.5 * 2^23: adding it rounds to an integer
    v16 clamped = max16(x, splat(-87.0f));
    clamped = clamped < splat(88.0f) ? clamped : splat(88.0f);
    v16 n = fma16(clamped, splat(1.44269504f), shift) - shift;
    v16 r = fma16(n, splat(-0.693359375f), clamped);
    r = fma16(n, splat(2.12194440e-4f), r);
    v16 p = splat(1.0f / 5040);
    p = fma16(p, r, splat(1.0f / 720));
    p = fma16(p, r, splat(1.0f / 120));
    p = fma16(p, r, splat(1.0f / 24));
    p = fma16(p, r, splat(1.0f / 6));
    p = fma16(p, r, splat(0.5f));
    p = fma16(p, r, splat(1.0f));
    p = fma16(p, r, splat(1.0f));
    i16 e = __builtin_convertvector(n, i16);
    u16v scale = (u16v)((e + 127) << 23);
    v16 result = p * as_float(scale);
    return x < splat(-87.0f) ? splat(0) : result;
}

/// Natural logarithm of a normal positive number: 2 artanh((m - 1) / (m + 1)) + e ln 2 with m in [0.7, 1.42).
INLINE double log_scalar(double x) {
    uint64_t u;
    memcpy(&u, &x, 8);
    long e = (long)(u >> 52) - 1023;
    u = (u & 0xfffffffffffffULL) | 0x3ff0000000000000ULL;
    double m;
    memcpy(&m, &u, 8);
    if (m > 1.4142135623730951) { m *= 0.5; e += 1; }
    double s = (m - 1) / (m + 1), t = s * s, sum = 0;
    for (int k = 23; k >= 1; k -= 2) sum = sum * t + 1.0 / k;
    return 2 * s * sum + (double)e * 0.6931471805599453;
}

/// One unit of a product: acc + a . w, lane by lane.
INLINE v16 step_f32(v16 acc, uint32_t a, u16v w) {
    float x;
    memcpy(&x, &a, 4);
    return fma16(splat(x), as_float(w), acc);
}
#if EAD_HAS_DPBF16
INLINE v16 step_bf16(v16 acc, uint32_t a, u16v w) {
    u16v s = (u16v)(a);
    __m512 r;
    __m512bh x, y;
    memcpy(&r, &acc, 64);
    memcpy(&x, &s, 64);
    memcpy(&y, &w, 64);
    r = _mm512_dpbf16_ps(r, x, y);
    memcpy(&acc, &r, 64);
    return acc;
}
#else
/// vdpbf16ps, written out: high halves first, then low halves, both with fma.
INLINE v16 step_bf16(v16 acc, uint32_t a, u16v w) {
    uint32_t high = a & 0xffff0000u, low = a << 16;
    float h, l;
    memcpy(&h, &high, 4);
    memcpy(&l, &low, 4);
    acc = fma16(splat(h), as_float(w & 0xffff0000u), acc);
    return fma16(splat(l), as_float(w << 16), acc);
}
#endif
/// One half of each unit, as floats.
INLINE v16 unit_half(u16v u, int high) { return as_float(high ? u & 0xffff0000u : u << 16); }
INLINE v16 step(v16 acc, uint32_t a, u16v w, int bf16) { return bf16 ? step_bf16(acc, a, w) : step_f32(acc, a, w); }

/// n (up to 16) floats to a row of units, from element `column` on.
INLINE void write_units(uint32_t *out, long column, v16 x, long n, int bf16) {
    if (!bf16) {
        store_upto((float *)out + column, x, n);
        return;
    }
    h16 h = to_bf16_16(x);
    if (n >= 16) memcpy((uint16_t *)out + column, &h, 32);
    else memcpy((uint16_t *)out + column, &h, (size_t)n * 2);
}
/// Zeroes the half that pads a row of an odd number of columns.
INLINE void end_units(uint32_t *out, long columns, int bf16) {
    if (bf16 && (columns & 1)) ((uint16_t *)out)[columns] = 0;
}
/// n (up to 16) elements of a row of units.
INLINE v16 read_units(const uint32_t *row, long column, long n, int bf16) {
    if (!bf16) return load_upto((const float *)row + column, n, 0);
    h16 h = (h16)(0);
    if (n >= 16) memcpy(&h, (const uint16_t *)row + column, 32);
    else memcpy(&h, (const uint16_t *)row + column, (size_t)n * 2);
    return as_float(__builtin_convertvector(h, u16v) << 16);
}
INLINE float unit_element(const uint32_t *row, long k, int bf16) {
    if (!bf16) {
        float x;
        memcpy(&x, row + k, 4);
        return x;
    }
    return from_bf16(((const uint16_t *)row)[k]);
}
