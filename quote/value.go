package quote

import (
	"fmt"
	"reflect"
)

// value reduces v to nil, bool, string, int64, uint64 (above int64 only), []any or
// map[string]any, so that named types such as `type Arch string` need no cases.
// Floats have no place in a profile: 25.10 is a release, not 25.1.
func value(lang string, v any) (any, error) {
	if s, ok := v.(string); ok {
		return v, check(lang, s)
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Invalid:
		return nil, nil
	case reflect.Pointer, reflect.Interface:
		if r.IsNil() {
			return nil, nil
		}
		return value(lang, r.Elem().Interface())
	case reflect.Bool:
		return r.Bool(), nil
	case reflect.String:
		return r.String(), check(lang, r.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return r.Int(), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if r.Uint() <= 1<<63-1 {
			return int64(r.Uint()), nil
		}
		return r.Uint(), nil
	case reflect.Slice, reflect.Array:
		return sliceValue(lang, r)
	case reflect.Map:
		return mapValue(lang, r)
	}
	return nil, noLiteral(lang, v)
}

func sliceValue(lang string, r reflect.Value) (any, error) {
	list := make([]any, r.Len())
	for i := range list {
		x, err := value(lang, r.Index(i).Interface())
		if err != nil {
			return nil, err
		}
		list[i] = x
	}
	return list, nil
}

func mapValue(lang string, r reflect.Value) (any, error) {
	if r.Type().Key().Kind() != reflect.String {
		return nil, noLiteral(lang, r.Interface())
	}
	m := make(map[string]any, r.Len())
	for it := r.MapRange(); it.Next(); {
		key := it.Key().String()
		if err := check(lang, key); err != nil {
			return nil, err
		}
		x, err := value(lang, it.Value().Interface())
		if err != nil {
			return nil, err
		}
		m[key] = x
	}
	return m, nil
}

func noLiteral(lang string, v any) error {
	return fmt.Errorf("%s: a %T has no literal here", lang, v)
}
