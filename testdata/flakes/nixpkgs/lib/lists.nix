lib:
let
  inherit (builtins)
    concatLists
    concatMap
    elem
    elemAt
    filter
    foldl'
    genList
    isList
    length
    sort
    ;
in
{
  inherit
    concatLists
    concatMap
    elem
    elemAt
    filter
    foldl'
    genList
    isList
    length
    sort
    ;
  inherit (builtins)
    all
    any
    groupBy
    head
    map
    partition
    tail
    ;

  singleton = x: [ x ];
  optional = cond: x: if cond then [ x ] else [ ];
  optionals = cond: xs: if cond then xs else [ ];
  toList = x: if isList x then x else [ x ];
  flatten = x: if isList x then concatMap lib.flatten x else [ x ];
  reverseList =
    xs:
    let
      n = length xs;
    in
    genList (i: elemAt xs (n - i - 1)) n;
  range = first: last: if first > last then [ ] else genList (i: first + i) (last - first + 1);
  imap0 = f: xs: genList (i: f i (elemAt xs i)) (length xs);
  imap1 = f: xs: genList (i: f (i + 1) (elemAt xs i)) (length xs);
  take = n: xs: genList (elemAt xs) (lib.min n (length xs));
  drop = n: xs: genList (i: elemAt xs (n + i)) (lib.max 0 (length xs - n));
  last = xs: elemAt xs (length xs - 1);
  init = xs: lib.take (length xs - 1) xs;
  foldr =
    f: zero: xs:
    foldl' (acc: x: f x acc) zero (lib.reverseList xs);
  fold = lib.foldr;
  unique = foldl' (acc: x: if elem x acc then acc else acc ++ [ x ]) [ ];
  allUnique = xs: length (lib.unique xs) == length xs;
  remove = x: filter (y: y != x);
  subtractLists = drop: filter (x: !(elem x drop));
  intersectLists = keep: filter (x: elem x keep);
  findFirst =
    pred: default: xs:
    let
      found = filter pred xs;
    in
    if found == [ ] then default else lib.head found;
  count = pred: xs: length (filter pred xs);
  zipListsWith =
    f: a: b:
    genList (i: f (elemAt a i) (elemAt b i)) (lib.min (length a) (length b));
  sortOn = f: sort (a: b: f a < f b);
}
