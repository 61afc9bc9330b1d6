/*
 * wide.h - 128-bit integers, which gcc and clang have and ISO C does not name.
 * Floor: 1 (base)
 */
#ifndef BASE_WIDE_H
#define BASE_WIDE_H

__extension__ typedef __int128 wide_int;
__extension__ typedef unsigned __int128 wide_uint;

#endif
